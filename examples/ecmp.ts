import * as pulumi from "@pulumi/pulumi";
import { DrCluster, TrafficCheck } from "pulumi-lvs";
import { hosts, ownAddresses } from "./hosts";
import { behindRouter } from "./machines";
import { router } from "./router";
import { webServers } from "./web-servers";

// Experiment 7: three directors that serve at the same time. Each announces the VIP to a router by BGP, and the router
// spreads clients over them. Give a director up or power it off, and the clients' connections go on over the others.
const config = new pulumi.Config();
const vip = config.get("vip") ?? "172.17.111.111";
const device = config.get("device") ?? "eth0";
const outside = config.get("outside") ?? "eth0";
const gateway = config.get("gateway") ?? "192.168.199.145";
const names = ["director", "director2", "director3"] as const;
// The directors' own addresses, by which the router knows them.
const own = ownAddresses({
  ...{ director: "192.168.199.117", director2: "192.168.199.118", director3: "192.168.199.119" },
});
const asn = { router: 64512, directors: 64513, ...config.getObject<{ router?: number; directors?: number }>("asn") };
// Emulated machines are slow: with 200 ms they would now and then miss three packets in a row.
const bfdInterval = config.getNumber("bfdInterval") ?? 1000;

const machines = hosts(behindRouter);
const { realServers, addresses, weights } = webServers(machines, vip, {
  rs1: "192.168.199.146",
  rs2: "192.168.199.143",
});

const directors = names.map((name) => own[name]);
const routes = router(machines.router, { vip, outside, asn, directors, bfdInterval });

const cluster = new DrCluster("ecmp", {
  directors: names.map((name) => machines[name]),
  failover: { by: "ecmp", asn: asn.directors, neighbours: [{ address: gateway, asn: asn.router }] },
  ...{ vip, device, realServers },
});

export const url = `http://${vip}/`;

/** The session of each director with the router at the last look, and since when. */
export const sessions = Object.fromEntries(
  names.map((name) => [name, cluster.directors[name]?.bird?.announcement.sessions]),
);

// A server is chosen by the client's address and port, so a few requests do not share out evenly.
export const { distribution } = new TrafficCheck(
  "traffic",
  {
    url,
    requests: config.getNumber("requests") ?? 40,
    expect: { servers: weights, tolerance: 0.25 },
    triggers: [vip, addresses],
  },
  { dependsOn: [cluster, routes] },
);
