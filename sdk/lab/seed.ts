import { createHash } from "node:crypto";

/** One interface of a machine, with nothing left to decide. */
export interface SeedInterface {
  readonly name: string;
  readonly mac: string;
  /** With its prefix. */
  readonly address: string;
  readonly gateway?: string;
}

/** What a machine is told on its first boot. */
export interface Seed {
  readonly instance: string;
  readonly hostname: string;
  readonly interfaces: readonly SeedInterface[];
  readonly nameservers: readonly string[];
  /** Accepted for root and for the ordinary user. */
  readonly authorizedKeys: readonly string[];
  /** An ordinary user who may use sudo without a password. */
  readonly admin: string;
  readonly hostKey: { readonly privateKey: string; readonly publicKey: string };
  /** Lines of sources.list in place of the image's own. */
  readonly aptSources?: string;
}

/**
 * cloud-init's user data (NoCloud). Written as JSON, which is YAML too: cloud-init reads it, and so does the embedded image's
 * own first boot, which has only jq.
 */
export function userData(seed: Seed): string {
  const keys = { ssh_authorized_keys: seed.authorizedKeys };
  const config = {
    hostname: seed.hostname,
    preserve_hostname: false,
    manage_etc_hosts: true,
    disable_root: false,
    ssh_pwauth: false,
    users: [
      { name: "root", ...keys },
      { name: seed.admin, shell: "/bin/bash", lock_passwd: true, sudo: "ALL=(ALL) NOPASSWD:ALL", ...keys },
    ],
    // The host key is known before the machine boots, so it can be verified from the first connection.
    ssh_deletekeys: true,
    ssh_genkeytypes: [],
    ssh_keys: { ed25519_private: seed.hostKey.privateKey, ed25519_public: seed.hostKey.publicKey },
    // An image without locales would otherwise end its first boot with "status: error".
    locale: false,
    ...(seed.aptSources && { apt: { sources_list: `${seed.aptSources}\n` } }),
  };
  return `#cloud-config\n${JSON.stringify(config)}\n`;
}

/** cloud-init's meta data. Another instance id makes it configure the machine anew. */
export function metaData(seed: Seed): string {
  return `${JSON.stringify({ "instance-id": seed.instance, "local-hostname": seed.hostname })}\n`;
}

/** cloud-init's network configuration, version 2: interfaces are found by MAC, whatever the image calls them. */
export function networkConfig(seed: Seed): string {
  const ethernets = Object.fromEntries(
    seed.interfaces.map(({ name, mac, address, gateway }) => [
      name,
      {
        match: { macaddress: mac },
        "set-name": name,
        addresses: [address],
        ...(gateway && { routes: [{ to: "0.0.0.0/0", via: gateway }] }),
        ...(seed.nameservers.length > 0 && { nameservers: { addresses: seed.nameservers } }),
      },
    ]),
  );
  return `${JSON.stringify({ version: 2, ethernets })}\n`;
}

/** A MAC address in qemu's range that is always the same for the machine's only interface on the network, or for a further one. */
export function macAddress(stack: string, machine: string, network: string, before = 0): string {
  const further = before > 0 ? `/${before}` : "";
  const hash = createHash("sha256").update(`${stack}/${machine}/${network}${further}`).digest("hex");
  return `52:54:00:${hash.slice(0, 2)}:${hash.slice(2, 4)}:${hash.slice(4, 6)}`;
}
