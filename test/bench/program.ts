import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { Host, RealServer, Route } from "pulumi-lvs";

// The programs that are measured.

const { file, vip, count = 0 } = JSON.parse(process.env.LVS_HOSTS as string);
const servers = file ? JSON.parse(readFileSync(file, "utf8")) : [];
const hostOf = ({ name, address, ...host }: { name: string; address: string }) => new Host(name, { address, ...host });
const numbers = Array.from({ length: count }, (_, i) => i);
const network = (i: number) => `10.128.${Math.floor(i / 16)}.${(i % 16) * 16}/28`;

/** A resource that has what a route has, and a provider that does nothing. */
class Plain extends pulumi.CustomResource {
  constructor(name: string, inputs: pulumi.Inputs) {
    super("pulumi-nodejs:dynamic/plain:Plain", name, { ...inputs, __provider: DOES_NOTHING });
  }
}
const DOES_NOTHING =
  "exports.handler = () => ({ create: async (inputs) => ({ id: 'plain', outs: inputs }), diff: async () => ({ changes: false }) })";

const programs: Record<string, () => void> = {
  /** Real servers by direct routing, and nothing else. */
  fleet() {
    for (const server of servers) {
      const { name, address } = server;
      new RealServer(name, { host: hostOf(server), address, forwarding: "dr", vip, device: "eth0" });
    }
  },
  /** Many things on one host. */
  routes() {
    const host = hostOf(servers[0]);
    for (const i of numbers) new Route(`route-${i}`, { host, to: network(i), via: "10.90.0.1" });
  },
  plain() {
    for (const i of numbers) new Plain(`plain-${i}`, { to: network(i), via: "10.90.0.1" });
  },
};

programs[process.env.LVS_PROGRAM as string]?.();
