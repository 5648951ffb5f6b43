import * as pulumi from "@pulumi/pulumi";
import { NatCluster, type Scheduler, TrafficCheck } from "pulumi-lvs";
import { hosts } from "./hosts";
import { twoArm } from "./machines";
import { webServers } from "./web-servers";

// Experiment 1: forwarding by network address translation (NAT). The director has two arms, and the web servers are on
// a network of their own.
const config = new pulumi.Config();
const vip = config.get("vip") ?? "172.17.111.117";
const gateway = config.get("gateway") ?? "192.168.199.145";
const clients = config.get("clients") ?? "172.17.111.0/24";
const scheduler = config.get<Scheduler>("scheduler") ?? "wrr";

const machines = hosts(twoArm);
const { realServers, addresses, weights } = webServers(machines, vip, {
  rs1: "192.168.199.146",
  rs2: "192.168.199.143",
});

const cluster = new NatCluster("nat", { director: machines.director, vip, gateway, clients, scheduler, realServers });

export const url = `http://${vip}/`;

export const { distribution } = new TrafficCheck(
  "traffic",
  { url, requests: config.getNumber("requests"), expect: { servers: weights }, triggers: [vip, scheduler, addresses] },
  { dependsOn: cluster },
);
