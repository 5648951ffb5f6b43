import type { types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "pulumi-lvs-provider/model";
import { refuse } from "../arguments/argument-error";
import type { SshArgs } from "./ssh-args";

type ConnectionArgs = types.input.remote.ConnectionArgs;

/** A host, and the host through which it is reached. */
interface Reached {
  readonly name: string;
  readonly args: SshArgs & { readonly jump?: Reached };
}

/**
 * The host's connection as `@pulumi/command` takes it. Throws where that package could not use the connection safely.
 */
export function commandConnection(host: Reached): ConnectionArgs {
  const { jump } = host.args;
  refuse(`Host "${host.name}"`, problems(host.args));
  if (!jump) return hop(host);
  refuse(`Host "${jump.name}"`, [...problems(jump.args), ...(jump.args.jump ? [oneJump] : [])]);
  return { ...hop(host), proxy: hop(jump) };
}

function problems({ privateKey, privateKeyFile, agent, hostKey, hostKeyChecking }: SshArgs): Problem[] {
  const found: Problem[] = [];
  if (!privateKey && !agent && privateKeyFile) found.push(noFile);
  if (!privateKey && agent === "off") found.push(noKey);
  if (!hostKey && hostKeyChecking !== "off") found.push(noHostKey);
  if ([hostKey].flat().some(hasMark)) found.push(marksAreNoKeys);
  return found;
}

const noFile = {
  property: "privateKeyFile",
  reason: "command(…) hands the key to @pulumi/command, which reads no files. Give privateKey as text, or an agent",
};
const noKey = { property: "privateKey", reason: "command(…) needs a privateKey as text where the agent is off" };
const noHostKey = {
  property: "hostKey",
  reason:
    "command(…) needs it: @pulumi/command knows no known_hosts and would accept any host. Give the host's public key",
};
const marksAreNoKeys = {
  property: "hostKey",
  reason: "has a line with a mark like @revoked or @cert-authority: give the host's own public key, without marks",
};
const oneJump = { property: "jump", reason: "command(…) can go through one jump host only" };

function hop({ name, args }: Reached): ConnectionArgs {
  const { address, port, user, privateKey, passphrase, agent, hostKey, hostKeyChecking } = args;
  return {
    host: address ?? name,
    port: port ?? 22,
    user: user ?? "root",
    ...(privateKey && { privateKey: pulumi.secret(privateKey) }),
    ...(privateKey && passphrase && { privateKeyPassword: pulumi.secret(passphrase) }),
    ...(!privateKey && agent && { agentSocketPath: agent }),
    ...(hostKey && hostKeyChecking !== "off" && { hostKey: pulumi.output(hostKey).apply(firstAskedFor) }),
  };
}

// golang.org/x/crypto/ssh, supportedHostKeyAlgos: the library agrees with the host on one kind of key, and compares
// only that key.
const PREFERRED = ["ecdsa-", "ssh-rsa", "ssh-ed25519"];

function hasMark(text: unknown): boolean {
  return typeof text === "string" && /^\s*@/m.test(text);
}

function firstAskedFor(keys: string | string[]): string {
  const all = [keys].flat();
  // The library would read a mark of known_hosts as an option, and trust the key. It refuses a text that is no key.
  if (all.some(hasMark)) return marksAreNoKeys.reason;
  for (const kind of PREFERRED) {
    const key = all.find((text) => text.startsWith(kind));
    if (key) return key;
  }
  // The package would accept any host without a key. It refuses a text that is none.
  return all[0] || "no host key was declared";
}
