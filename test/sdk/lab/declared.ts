import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { type EmbeddedLab, embedded, Lab, type LabArgs, type LabInterfaceArgs } from "../../../sdk/lab";
import { only, type Registered, register } from "../registered";

export const secretText = "-----BEGIN OPENSSH PRIVATE KEY----- of-nobody";

/** A folder with key files. Each file of tests has a folder of its own. */
export const folder = mkdtempSync(join(tmpdir(), "lvs-lab-test-"));
/** Where seeds are written before they are uploaded. */
export const seeds = mkdtempSync(join(folder, "seeds-"));
for (const name of ["user", "director", "rs1"]) writeFileSync(join(folder, name), `${secretText} ${name}`);
afterAll(() => rmSync(folder, { recursive: true }));

export const keyFile = (name: string) => ({ privateKeyFile: join(folder, name), publicKey: `ssh-ed25519 AAAA${name}` });

/** What `npm run lab` writes into a stack's configuration. */
export const embeddedLab = (): EmbeddedLab => ({
  domainType: "qemu",
  image: { source: "/cache/guest.qcow2", kernel: "/cache/vmlinuz", initrd: "/cache/initrd", cmdline: { quiet: "1" } },
  pool: "/var/lib/pulumi-lvs/pool",
  consoles: "/var/lib/pulumi-lvs/console",
  seeds,
  networks: {
    lan: { bridge: "br-lan", gateway: "172.17.111.1", aptSources: "deb http://172.17.111.1:8642 ./" },
    hostonly: { bridge: "br-hostonly", gateway: "192.168.199.1", aptSources: "deb http://192.168.199.1:8642 ./" },
  },
  userKey: keyFile("user"),
  hostKeys: { director: keyFile("director"), rs1: keyFile("rs1") },
});

export const machines = {
  director: {
    interfaces: [
      { network: "lan", address: "172.17.111.117/24" },
      { network: "hostonly", address: "192.168.199.145/24" },
    ],
  },
  rs1: { interfaces: [{ network: "hostonly", address: "192.168.199.146/24" }] },
};

export type Args = LabArgs<"director" | "rs1">;

export const inBridges = (change: Partial<Args> = {}): Args => ({ ...embedded(embeddedLab()), machines, ...change });

/**
 * The arguments for any other libvirt: networks that the program makes, a pool that exists, an image with a boot
 * loader, and keys as text.
 */
export const elsewhere = (change: Partial<Args> = {}): Args => ({
  networks: { lan: { range: "172.17.111.0/24", mode: "route" }, hostonly: { range: "192.168.199.0/24" } },
  image: { source: "https://example.org/debian-12.qcow2" },
  storage: { pool: "fast" },
  emulation: "kvm",
  userKey: { publicKey: "ssh-ed25519 AAAAuser" },
  hostKeys: {
    director: { publicKey: "ssh-ed25519 AAAAdirector", privateKey: pulumi.secret(secretText) },
    rs1: { publicKey: "ssh-ed25519 AAAArs1", privateKey: secretText },
  },
  seeds,
  machines,
  ...change,
});

export const declare = (args: Args) => register(() => new Lab("lab", args));

/** Declares the lab with a change of the first machine's first interface. */
export const withInterface = (change: Partial<LabInterfaceArgs>) =>
  elsewhere({
    machines: { ...machines, rs1: { interfaces: [{ ...machines.rs1.interfaces[0], ...change }] } } as never,
  });

export const kinds = (registered: Registered[]) =>
  registered.filter(({ type }) => !type.startsWith("pulumi:")).map(({ type, name }) => `${type} ${name}`);

export const inputsOf = (registered: Registered[], kind: string, name?: string) => only(registered, kind, name).inputs;
