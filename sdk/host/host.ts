import * as pulumi from "@pulumi/pulumi";
import { SUDO } from "pulumi-lvs-provider/model";
import { z } from "zod";
import type { AdviceArgs } from "../arguments/advice-args";
import { refuse } from "../arguments/argument-error";
import { declares } from "../arguments/declares";
import { plain } from "../arguments/plain";
import { advice, host, instance, type Shape, shapeProblems } from "../arguments/shape";
import { commandConnection } from "./command-connection";
import type { HostCommand, HostCommandArgs } from "./host-command";
import type { SshArgs } from "./ssh-args";

/** How a user becomes root where sudo asks for a password. */
export interface SudoPassword {
  /** The password that sudo asks for. Always kept as a secret. */
  password: pulumi.Input<string>;
}

/** How a host is reached over SSH, and what happens where the host cannot be reached. */
export interface HostArgs extends SshArgs {
  /**
   * How to become root: `true` where sudo asks no password, otherwise the password (always kept as a secret).
   * @default false: `user` is root
   * @example { password: config.requireSecret("sudoPassword") }
   */
  sudo?: pulumi.Input<boolean | SudoPassword>;
  /**
   * The host through which this one is reached (ssh(1), `-J`).
   * @default none: it is reached directly
   */
  jump?: Host;
  /**
   * Seconds to wait for SSH to answer and for the first boot to finish.
   * @default 60
   */
  ready?: pulumi.Input<number>;
  /**
   * What a delete and a refresh do when the host cannot be reached: fail, or go on without the host. A delete then
   * forgets what is on it, and a refresh keeps the state as it was, with a warning. What counts is what the last `up`
   * has put into the state. For a host that is gone already there is the environment variable `PULUMI_LVS_FORGET`:
   * the names of such hosts, for one command.
   * @default "fail"
   */
  onUnreachable?: pulumi.Input<"fail" | "forget">;
  /**
   * The machine-id (machine-id(5)) that is expected now. An error follows where the address answers with another
   * machine-id than before. Declaring the new machine-id says that the machine was replaced on purpose.
   * @default the machine that answered before
   */
  machine?: pulumi.Input<string>;
  /**
   * Stacks that are gone: renamed, lost, or removed by force. A host remembers which stack declares what, and refuses
   * another stack's different declaration. What these stacks have declared there is taken over by this one.
   * @default none
   * @example ["shop/former"]
   */
  supersedes?: pulumi.Input<string[]>;
  /**
   * Which warnings about this host are not told: those of the program, and those of `up` and refresh.
   * @default all are told
   * @example { ignore: ["firewall"] }
   */
  advice?: AdviceArgs;
  /**
   * The resource that makes the machine. Where this resource is replaced, everything on the machine is made anew. Where
   * it is deleted, nothing is undone first.
   * @default none: the machine outlives the stack
   */
  vm?: pulumi.Resource;
}

/**
 * A Linux host that is reached over SSH. A host is no resource itself: every resource on the host is declared with it.
 *
 * @example
 * ```ts
 * const director = new Host("director", { address: "172.17.111.117", user: "admin", sudo: true });
 * new Sysctl("forwarding", { host: director, key: "net.ipv4.ip_forward", value: 1 });
 * ```
 */
@declares
export class Host {
  /** How the provider reaches the host. Each secret is marked by itself, so that a preview still shows the address. */
  readonly connection: Readonly<pulumi.Inputs>;
  /** The options of every resource on this host: the resource comes after the machine and goes with the machine. */
  readonly options: pulumi.CustomResourceOptions;

  constructor(
    /** The host's identity: another name is another host. Letters, digits, dots, dashes and underscores. */
    readonly name: string,
    /** How the host is reached, as declared. */
    readonly args: HostArgs = {},
  ) {
    refuse(`Host "${name}"`, /^[A-Za-z0-9][\w.-]*$/.test(name) ? shapeProblems(shape, args) : [badName]);
    this.connection = connectionOf(name, args);
    this.options = optionsOf(args);
  }

  /** The resource that makes the machine, if there is one. */
  get vm(): pulumi.Resource | undefined {
    return this.args.vm;
  }

  /**
   * The escape hatch: a `remote.Command` of `@pulumi/command` over this host's connection, with the host key pinned.
   * The command runs as `user`: write `sudo` into the command where it needs root. The package must be installed: `npm
   * install @pulumi/command`.
   *
   * `@pulumi/command` reads no key files and no known_hosts, and without a host key it accepts any. So the host must
   * declare `hostKey`, and `privateKey` as text or an agent. The package's library prefers ECDSA, then RSA, then
   * Ed25519 host keys, and compares only the one that it asked for: declare the first of these that the host has.
   *
   * @param name the resource's name
   * @param args the command and what belongs to it
   * @param opts options of the resource; those of the host are added
   * @returns the command, with its output in `stdout`
   * @example
   * ```ts
   * director.command("table", { create: "ipvsadm -Ln", triggers: [Date.now()] }).stdout;
   * ```
   * @throws ArgumentError where the connection cannot be handed over
   */
  command(name: string, args: HostCommandArgs, opts: pulumi.CustomResourceOptions = {}): HostCommand {
    const connection = commandConnection(this);
    const { remote } = requireCommand();
    return new remote.Command(name, { ...args, connection }, pulumi.mergeOptions(this.options, opts));
  }
}

/** The provider has rules for the values. */
const value = z.unknown().optional();

const shape = z.object({
  ...{ address: value, port: value, user: value, hostKey: value, knownHosts: value, hostKeyChecking: value },
  ...{ privateKey: value, privateKeyFile: value, passphrase: value, agent: value },
  sudo: z.union([z.boolean(), z.object({ password: z.string() })], { error: SUDO }).optional(),
  ...{ jump: host.optional(), ready: value, onUnreachable: value, machine: value, supersedes: value },
  advice: advice.optional(),
  vm: instance("the resource that makes the machine", "urn").optional(),
} satisfies Shape<HostArgs>);

const badName = {
  property: "name",
  reason: "a host's name begins with a letter or digit and has only letters, digits, dots, dashes and underscores",
};

function connectionOf(name: string, { vm: _, jump, ...args }: HostArgs): pulumi.Inputs {
  const { sudo, privateKey, passphrase } = args;
  const connection = {
    name,
    ...args,
    privateKey: privateKey && pulumi.secret(privateKey),
    passphrase: passphrase && pulumi.secret(passphrase),
    sudo: sudoOf(sudo),
    jump: jump?.connection,
  };
  return Object.fromEntries(Object.entries(connection).filter(([, value]) => value !== undefined));
}

function sudoOf(sudo: HostArgs["sudo"]): pulumi.Input<unknown> {
  const known = plain(sudo);
  // What comes later may be a password, or not.
  if (known === undefined) return sudo && pulumi.secret(sudo);
  return typeof known === "object" ? { password: pulumi.secret(known.password) } : known;
}

// With deletedWith alone, resources of a replaced machine would count as unchanged. With replaceWith they are made
// anew.
function optionsOf({ vm, jump }: HostArgs): pulumi.CustomResourceOptions {
  const through = jump ? [jump.options.dependsOn as pulumi.Resource[] | undefined].flat() : [];
  const dependsOn = [vm, ...through].filter((resource) => resource !== undefined);
  return {
    ...(dependsOn.length > 0 && { dependsOn }),
    ...(vm && { deletedWith: vm, replaceWith: [vm] }),
  };
}

// The package is loaded only here, because users who never need the escape hatch need not install it.
function requireCommand(): typeof import("@pulumi/command") {
  try {
    return require("@pulumi/command");
  } catch (cause) {
    throw new pulumi.RunError("host.command(…) needs the package @pulumi/command: npm install @pulumi/command", {
      cause,
    });
  }
}
