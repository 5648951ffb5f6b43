import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { AnyAuthMethod, BaseAgent, ParsedKey } from "ssh2";
import type { DeclaredHost } from "./declared";
import type { HostError } from "./errors";
import { fingerprint } from "./host-key";
import { hostError, localFile, reason } from "./naming";
import { ssh2 } from "./ssh-library";
import { after } from "./timer";

/** The ways to log in that are offered to a host, in order, and their names for a message. The names hold no key material. */
export interface Credentials {
  readonly methods: readonly AnyAuthMethod[];
  readonly tried: readonly string[];
}

const DEFAULTS = ["~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa"];

/**
 * A declared key is the only one that is offered: further keys would use up the server's MaxAuthTries (sshd_config(5)).
 * Without a declared key, the agent's keys come first and the keys of the home folder second, as with `ssh`.
 */
export async function credentialsOf(host: DeclaredHost): Promise<Credentials> {
  if (host.privateKey !== undefined) return declared(host, "the given privateKey", host.privateKey);
  if (host.privateKeyFile !== undefined) {
    const text = await readFile(localFile(host.privateKeyFile), "utf8").catch((error) => {
      throw hostError(host, `privateKeyFile cannot be read: ${reason(error)}`, "refused");
    });
    return declared(host, host.privateKeyFile, text);
  }
  const tried: string[] = [];
  const methods: AnyAuthMethod[] = [];
  const agent = await agentOf(host);
  if (agent) tried.push(agent.label);
  if (agent?.agent) methods.push({ type: "agent", username: host.user, agent: agent.agent });
  for (const file of DEFAULTS) {
    const text = await readFile(localFile(file), "utf8").catch(() => undefined);
    if (text === undefined) continue;
    const key = parse(text, host.passphrase);
    tried.push(key instanceof Error ? `${file} (${key.message})` : label(file, key));
    if (!(key instanceof Error)) methods.push({ type: "publickey", username: host.user, key });
  }
  return { methods, tried };
}

/** What a host says when it lets nobody in (RFC 4252, section 5.1). */
export interface Refusal {
  /** The methods that can go on. */
  left: readonly string[];
  /** A method was accepted, and the host asks for one more. */
  partial: boolean;
  /** The host has had enough of our keys. */
  tooMany?: boolean;
}

const ADVICE = "declare privateKey or privateKeyFile, or load a key into the ssh-agent";

/** There is nothing to log in with. */
export function noKeys(host: DeclaredHost, { tried }: Credentials): HostError {
  const which = tried.length > 0 ? ` (${tried.join(", ")})` : "";
  return hostError(host, `there is no key to log in with as ${host.user}${which}: ${ADVICE}`, "refused");
}

export function keysRefused(host: DeclaredHost, { tried }: Credentials, refusal: Refusal): HostError {
  const said = `user ${host.user} was not let in with ${tried.join(", ")}. ${whatToDo(host, refusal)}`;
  return hostError(host, said, "refused");
}

function whatToDo({ user }: DeclaredHost, { left, partial, tooMany }: Refusal): string {
  const others = left.join(" or ");
  if (partial)
    return (
      `The key was accepted, and the host asks for ${others || "more"} as well (AuthenticationMethods, sshd_config(5)): several ` +
      `factors are not supported here. Let a key suffice for ${user}, in a Match block of sshd_config for instance`
    );
  if (tooMany)
    return "The host gave up after so many keys (MaxAuthTries, sshd_config(5)): declare the one that fits as privateKeyFile or privateKey";
  if (left.length > 0 && !left.includes("publickey"))
    return (
      `The host takes no key there, only ${others} (PubkeyAuthentication, AuthenticationMethods, sshd_config(5)), and no other way ` +
      "is supported here"
    );
  const root = user === "root" ? "PermitRootLogin, " : "";
  return (
    `Add the public key to authorized_keys of ${user} there, or ${ADVICE}. If the key is there, sshd keeps ${user} out ` +
    `(${root}AllowUsers, AllowGroups, TrustedUserCAKeys, sshd_config(5)) or distrusts the file's owner or mode: its log says which ` +
    "(journalctl -u ssh)"
  );
}

function declared(host: DeclaredHost, name: string, text: string): Credentials {
  const key = parse(text, host.passphrase);
  if (key instanceof Error) throw hostError(host, `${name} cannot be used: ${key.message}`, "refused");
  return { methods: [{ type: "publickey", username: host.user, key }], tried: [label(name, key)] };
}

function label(name: string, key: ParsedKey): string {
  return `${name} (${key.type} ${fingerprint(key.getPublicSSH())})`;
}

/** ssh2 blocks the event loop for most of a second to derive a key from a passphrase, so each key is parsed once. */
const parsed = new Map<string, ParsedKey | Error>();

function parse(text: string, passphrase: string | undefined): ParsedKey | Error {
  const known = createHash("sha256")
    .update(JSON.stringify([text, passphrase]))
    .digest("base64");
  let key = parsed.get(known);
  if (!key) {
    key = read(text, passphrase);
    parsed.set(known, key);
  }
  return key;
}

function read(text: string, passphrase: string | undefined): ParsedKey | Error {
  const all = ssh2().utils.parseKey(text, passphrase) as ParsedKey | ParsedKey[] | Error;
  if (all instanceof Error) {
    // The messages of ssh2 are fixed texts without anything of the key. They do not name the property that is wrong.
    if (/no passphrase given/i.test(all.message)) return new Error("it is encrypted: declare passphrase");
    if (/integrity check failed|bad passphrase|bad decrypt/i.test(all.message))
      return new Error("the passphrase is wrong");
    if (/-cert-v01@openssh\.com/.test(text))
      return new Error("it is a user's certificate, which is not supported: give a private key");
    if (isSecurityKey(text))
      return new Error("it is the key of a security token (sk), which is not supported: give a key of another kind");
    return new Error("it is not a private key that is understood (OpenSSH or PEM)");
  }
  const key = Array.isArray(all) ? all[0] : all;
  return key?.isPrivateKey() ? key : new Error("it is a public key, not a private one");
}

function isSecurityKey(text: string): boolean {
  const [, body = ""] = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]*)-----END/.exec(text) ?? [];
  return /sk-(ssh|ecdsa)-\S*@openssh\.com/.test(Buffer.from(body, "base64").toString("latin1"));
}

/**
 * The agent is asked for its keys before it is offered to the host. ssh2 reports an agent that fails during the log-in as an
 * error of the connection, although ssh2 itself goes on with the next key.
 */
async function agentOf(host: DeclaredHost): Promise<{ agent?: BaseAgent; label: string } | undefined> {
  const socket = host.agent ?? process.env.SSH_AUTH_SOCK;
  if (!socket || socket === "off") return undefined;
  const path = localFile(socket);
  const agent = ssh2().createAgent(path);
  return new Promise((resolve) => {
    const timer = after(5_000, () => resolve({ label: `agent ${path} (no answer)` }));
    agent.getIdentities((error, keys) => {
      clearTimeout(timer);
      if (error) resolve({ label: `agent ${path} (${reason(error)})` });
      else if (!keys?.length) resolve({ label: `agent ${path} (holds no key)` });
      else resolve({ agent, label: `agent ${path} (${keys.length} keys)` });
    });
  });
}
