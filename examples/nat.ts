import * as pulumi from "@pulumi/pulumi";
import { NatCluster, type Scheduler, TlsCertificate, TrafficCheck, WebSite } from "pulumi-lvs";
import { hosts } from "./hosts";
import { twoArm } from "./machines";

// Experiment 1: forwarding by address translation. A director with two arms, web servers on a network of their own.
const names = ["rs1", "rs2"] as const;
type PerServer<T> = Record<(typeof names)[number], T>;

const config = new pulumi.Config();
const vip = config.get("vip") ?? "172.17.111.117";
const gateway = config.get("gateway") ?? "192.168.199.145";
const clients = config.get("clients") ?? "172.17.111.0/24";
const scheduler = config.get<Scheduler>("scheduler") ?? "wrr";
const weights: PerServer<number> = { rs1: 1, rs2: 1, ...config.getObject("weights") };
const addresses: PerServer<string> = {
  rs1: "192.168.199.146",
  rs2: "192.168.199.143",
  ...config.getObject("addresses"),
};

const machines = hosts(twoArm);
const certificate = new TlsCertificate("site", { names: [vip] });

const realServers = names.map((name) => ({
  host: machines[name],
  address: addresses[name],
  weight: weights[name],
  serving: new WebSite(name, { host: machines[name], certificate }),
}));

const cluster = new NatCluster("nat", { director: machines.director, vip, gateway, clients, scheduler, realServers });

export const url = `http://${vip}/`;

export const { distribution } = new TrafficCheck(
  "traffic",
  { url, requests: config.getNumber("requests"), expect: { servers: weights }, triggers: [vip, scheduler, addresses] },
  { dependsOn: cluster },
);
