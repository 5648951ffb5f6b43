import type { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { AdviceArgs } from "../arguments/advice-args";
import { refuse } from "../arguments/argument-error";
import { commandConnection } from "./command-connection";

/** How a host is reached over SSH, and what happens where the host cannot be reached. */
export interface HostArgs {
  /**
   * The name or address to connect to. Another address is an update that runs nothing on the host.
   * @default the host's name
   * @example "192.168.199.146"
   */
  address?: pulumi.Input<string>;
  /**
   * SSH's port.
   * @default 22
   */
  port?: pulumi.Input<number>;
  /**
   * The user to log in as: root, or one who may use `sudo`.
   * @default "root"
   */
  user?: pulumi.Input<string>;
  /**
   * The public keys by which the host is recognised, as in `/etc/ssh/ssh_host_*_key.pub`.
   * @default those of `knownHosts`
   * @example "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI…"
   */
  hostKey?: pulumi.Input<string | string[]>;
  /**
   * A known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). A relative path is taken from the project's folder.
   * @default "~/.ssh/known_hosts"
   */
  knownHosts?: pulumi.Input<string>;
  /**
   * `"off"` accepts any host key: whoever answers at the address then gets the commands and the secrets.
   * @default "on"
   */
  hostKeyChecking?: pulumi.Input<"on" | "off">;
  /**
   * A private key, as text (OpenSSH or PEM). Always kept as a secret.
   * @default the keys of `agent`, then those in ~/.ssh (id_ed25519, id_ecdsa, id_rsa)
   */
  privateKey?: pulumi.Input<string>;
  /**
   * A file with a private key, read by the provider; its content never reaches the state. A relative path is taken from
   * the project's folder.
   * @default as of `privateKey`
   * @example "~/.ssh/id_ed25519"
   */
  privateKeyFile?: pulumi.Input<string>;
  /**
   * The passphrase of the private key. Always kept as a secret.
   * @default the key has none
   */
  passphrase?: pulumi.Input<string>;
  /**
   * The ssh-agent's socket, or `"off"`.
   * @default $SSH_AUTH_SOCK, used when neither key is given
   */
  agent?: pulumi.Input<string>;
  /**
   * How to become root: `true` where sudo asks no password, otherwise the password (always kept as a secret).
   * @default false: `user` is root
   * @example { password: config.requireSecret("sudoPassword") }
   */
  sudo?:
    | boolean
    | {
        /** The password that sudo asks for. Always kept as a secret. */
        password: pulumi.Input<string>;
      };
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
   * What a delete does when the host cannot be reached: fail, or forget what is on it.
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

/** The arguments of `Host.command`: those of `remote.Command`, without its connection. */
export type HostCommandArgs = Omit<remote.CommandArgs, "connection">;

/**
 * A Linux host that is reached over SSH. A host is no resource itself: every resource on the host is declared with it.
 *
 * @example
 * ```ts
 * const director = new Host("director", { address: "172.17.111.117", user: "admin", sudo: true });
 * new Sysctl("forwarding", { host: director, key: "net.ipv4.ip_forward", value: 1 });
 * ```
 */
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
    refuse(`Host "${name}"`, /^[A-Za-z0-9][\w.-]*$/.test(name) ? [] : [badName]);
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
  command(name: string, args: HostCommandArgs, opts: pulumi.CustomResourceOptions = {}): remote.Command {
    const connection = commandConnection(this);
    const { remote } = requireCommand();
    return new remote.Command(name, { ...args, connection }, pulumi.mergeOptions(this.options, opts));
  }
}

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
    sudo: typeof sudo === "object" ? { password: pulumi.secret(sudo.password) } : sudo,
    jump: jump?.connection,
  };
  return Object.fromEntries(Object.entries(connection).filter(([, value]) => value !== undefined));
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
