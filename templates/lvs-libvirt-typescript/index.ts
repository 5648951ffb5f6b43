import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import * as pulumi from "@pulumi/pulumi";
import { DrCluster, Host, WebSite } from "pulumi-lvs";
import { Lab } from "pulumi-lvs/lab";
import { hostKey } from "./host-key";

const config = new pulumi.Config();
const network = config.get("network") ?? "192.168.177";
const publicKeyFile = (config.get("publicKeyFile") ?? "~/.ssh/id_ed25519.pub").replace(/^~/, homedir());

// libvirt itself has the first address of the network, and no machine may have the VIP.
const vip = `${network}.9`;
const addresses = { director: `${network}.2`, rs1: `${network}.11`, rs2: `${network}.12` };
const names = ["director", "rs1", "rs2"] as const;
const each = <T>(make: (name: (typeof names)[number]) => T) =>
  Object.fromEntries(names.map((name) => [name, make(name)])) as Record<(typeof names)[number], T>;

const lab = new Lab("lab", {
  image: { source: config.require("image") },
  networks: { lan: { range: `${network}.0/24`, nameservers: [config.get("nameserver") ?? "9.9.9.9"] } },
  // The private half of the key is where ssh(1) looks: in ~/.ssh, or in the ssh-agent.
  userKey: { publicKey: readFileSync(publicKeyFile, "utf8").trim() },
  hostKeys: each(hostKey),
  machines: each((name) => ({ interfaces: [{ network: "lan", address: `${addresses[name]}/24` }] })),
});

const hosts = each((name) => new Host(name, lab.machines[name].host));

const realServers = (["rs1", "rs2"] as const).map((name) => ({
  host: hosts[name],
  address: addresses[name],
  serving: new WebSite(name, { host: hosts[name] }),
}));

new DrCluster("site", { director: hosts.director, vip, realServers });

export const url = `http://${vip}/`;
