import type * as pulumi from "@pulumi/pulumi";

/** How SSH reaches a host: its address, the user, and the keys of both sides. */
export interface SshArgs {
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
   * @default "~/.ssh/known_hosts", and "/etc/ssh/ssh_known_hosts"
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
}
