import * as pulumi from "@pulumi/pulumi";
import { DrCluster, type Scheduler, TrafficCheck } from "pulumi-lvs";
import { clients, hosts } from "./hosts";
import { oneLan } from "./machines";
import { webServers } from "./web-servers";

// Experiment 3: http and https of one client stay on one real server. One firewall mark makes both ports one service.
const config = new pulumi.Config();
const vip = config.get("vip") ?? "172.17.111.111";
const device = config.get("device") ?? "eth0";
const scheduler = config.get<Scheduler>("scheduler") ?? "rr";
const mark = config.getNumber("mark") ?? 99;
const sources = clients();
const persistence = { timeout: config.getNumber("timeout") ?? 300 };

const machines = hosts(oneLan);
const { realServers, addresses } = webServers(machines, vip, { rs1: "172.17.111.234", rs2: "172.17.111.222" });

const site = { director: machines.director, vip, device, scheduler, realServers };
const cluster = new DrCluster("persistence", { ...site, ports: [80, 443], mark, persistence });

export const url = `http://${vip}/`;

// A client gets a server once and keeps that server, so more rounds of requests show nothing new. Two clients might
// both get the same server for good, because other clients take turns as well. Of four clients that come one after the
// other, at least two get different servers.
export const { distribution, table } = new TrafficCheck(
  "traffic",
  {
    url: [url, `https://${vip}/`],
    sources,
    requests: config.getNumber("requests") ?? 5,
    insecure: true,
    expect: { persistence: true, spread: Math.min(2, sources?.length ?? 1, realServers.length), failures: 0 },
    triggers: [vip, scheduler, addresses],
  },
  { dependsOn: cluster },
);
