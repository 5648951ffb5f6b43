import { createHash } from "node:crypto";

/** One interface of a machine, with everything decided. */
export interface SeedInterface {
  readonly name: string;
  readonly mac: string;
  /** With its prefix. */
  readonly address: string;
  readonly gateway?: string;
}

/** What a machine reads on its first boot. */
export interface Seed {
  readonly instance: string;
  readonly hostname: string;
  readonly interfaces: readonly SeedInterface[];
  readonly nameservers: readonly string[];
  /** The keys that root and the ordinary user accept. */
  readonly authorizedKeys: readonly string[];
  /** An ordinary user who may use sudo without a password. */
  readonly admin: string;
  readonly hostKey: { readonly privateKey: string; readonly publicKey: string };
  /** Lines of sources.list, in place of those of the image. */
  readonly aptSources?: string;
}

/**
 * cloud-init's user data (NoCloud). The text is JSON, which is YAML too. cloud-init reads it, and so does the embedded
 * image's own first boot, which has only jq.
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
    // The host key is known before the machine boots, so the first connection can verify it.
    ssh_deletekeys: true,
    ssh_genkeytypes: [],
    ssh_keys: { ed25519_private: seed.hostKey.privateKey, ed25519_public: seed.hostKey.publicKey },
    // Without this an image without locales would end its first boot with "status: error".
    locale: false,
    ...(seed.aptSources && { apt: { sources_list: `${seed.aptSources}\n` } }),
  };
  return `#cloud-config\n${JSON.stringify(config)}\n`;
}

/** cloud-init's meta data. With another instance id cloud-init configures the machine anew. */
export function metaData(seed: Seed): string {
  return `${JSON.stringify({ "instance-id": seed.instance, "local-hostname": seed.hostname })}\n`;
}

/**
 * cloud-init's network configuration, version 2. Interfaces are found by their MAC addresses, whatever names the image
 * gives them.
 */
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

/**
 * Returns a MAC address in qemu's range. The address is always the same for the machine's only interface on the
 * network, and for each further one.
 */
export function macAddress(stack: string, machine: string, network: string, before = 0): string {
  const further = before > 0 ? `/${before}` : "";
  const hash = createHash("sha256").update(`${stack}/${machine}/${network}${further}`).digest("hex");
  return `52:54:00:${hash.slice(0, 2)}:${hash.slice(2, 4)}:${hash.slice(4, 6)}`;
}
