import * as pulumi from "@pulumi/pulumi";
import { DrCluster, type Scheduler, TrafficCheck } from "pulumi-lvs";
import { hosts, surroundings } from "./hosts";
import { oneLan } from "./machines";
import { webServers } from "./web-servers";

// Experiment 2: direct routing. All hosts are on one LAN. All of them have the VIP, and only the director answers ARP
// for it. With `forwarding: tun` the director wraps the packets for the real servers, which could then be on any
// network.
const config = new pulumi.Config();
const vip = config.get("vip") ?? "172.17.111.111";
const device = config.get("device") ?? "eth0";
// The interface on the LAN where Pulumi runs. If there is one, the check asks there who answers ARP for the VIP.
const leg = config.get("arp") ?? surroundings()?.networks.lan?.bridge;
const forwarding = config.get<"dr" | "tun">("forwarding") ?? "dr";
const scheduler = config.get<Scheduler>("scheduler") ?? "wrr";

const machines = hosts(oneLan);
const { realServers, addresses, weights } = webServers(machines, vip, { rs1: "172.17.111.234", rs2: "172.17.111.222" });

const cluster = new DrCluster("dr", { director: machines.director, vip, device, forwarding, scheduler, realServers });

export const url = `http://${vip}/`;

export const { distribution } = new TrafficCheck(
  "traffic",
  {
    url,
    requests: config.getNumber("requests"),
    expect: {
      servers: weights,
      ...(leg && { arp: { address: vip, device: leg, director: machines.director, directorDevice: device } }),
    },
    triggers: [vip, forwarding, scheduler, addresses],
  },
  { dependsOn: cluster },
);
