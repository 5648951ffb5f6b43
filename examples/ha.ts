import * as pulumi from "@pulumi/pulumi";
import { DrCluster, type Scheduler, TrafficCheck } from "pulumi-lvs";
import { hosts, ownAddresses } from "./hosts";
import { twoDirectors } from "./machines";
import { webServers } from "./web-servers";

// Experiment 6: direct routing as in experiment 2, with two directors that stand in for each other. One of them has the
// VIP. Power it off, and the other one goes on with the clients' connections.
const config = new pulumi.Config();
const vip = config.get("vip") ?? "172.17.111.111";
const device = config.get("device") ?? "eth0";
const scheduler = config.get<Scheduler>("scheduler") ?? "wrr";
// The directors' own addresses, by which they hear each other.
const own = ownAddresses({ director: "172.17.111.117", director2: "172.17.111.118" });
// Seconds between two adverts. Machines that stand still for most of a second now and then want more than the default.
const advertInterval = config.getNumber("advertInterval");

const machines = hosts(twoDirectors);
const { realServers, addresses, weights } = webServers(machines, vip, { rs1: "172.17.111.234", rs2: "172.17.111.222" });

const cluster = new DrCluster("ha", {
  directors: [machines.director, machines.director2],
  failover: { by: "vrrp", addresses: [own.director, own.director2], ...(advertInterval && { advertInterval }) },
  ...{ vip, device, scheduler, realServers },
});

export const url = `http://${vip}/`;

/** Which director had the VIP at the last look, and since when. */
export const holder = cluster.failover?.holder;
export const since = cluster.failover?.since;

export const { distribution } = new TrafficCheck(
  "traffic",
  {
    url,
    requests: config.getNumber("requests"),
    expect: { servers: weights },
    triggers: [vip, scheduler, addresses],
  },
  { dependsOn: cluster },
);
