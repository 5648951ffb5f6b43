import * as pulumi from "@pulumi/pulumi";
import { DrCluster, type Scheduler, TrafficCheck } from "pulumi-lvs";
import { clients, hosts } from "./hosts";
import { oneLan } from "./machines";
import { webServers } from "./web-servers";

// Experiment 4: ldirectord requests ok.html from each real server, and keeps the servers in the table that answer OK.
// The rest is as in experiment 3: one mark for http and https, and each client stays on one real server.
const config = new pulumi.Config();
const vip = config.get("vip") ?? "172.17.111.111";
const device = config.get("device") ?? "eth0";
const scheduler = config.get<Scheduler>("scheduler") ?? "wrr";
const mark = config.getNumber("mark") ?? 99;
const sources = clients();
const persistence = { timeout: config.getNumber("timeout") ?? 300 };
const receive = config.get("receive") ?? "OK";
const checkInterval = config.getNumber("checkInterval") ?? 5;

const machines = hosts(oneLan);
const { realServers, addresses } = webServers(machines, vip, { rs1: "172.17.111.234", rs2: "172.17.111.222" }, 2);

const cluster = new DrCluster("health", {
  ...{ director: machines.director, vip, device, scheduler, realServers },
  ...{ ports: [80, 443], mark, persistence },
  health: {
    ...{ by: "ldirectord", service: "http", checkPort: 80, request: "ok.html", receive },
    globals: { checkInterval, maintenanceDirectory: "/etc/ha.d/maintenance" },
  },
});

export const url = `http://${vip}/`;

/** Which real servers were fit at the last look. */
export const health = cluster.checks?.checks.health;

// The number of servers is not judged: a real server that is not fit is no failure of the site.
export const { distribution, table } = new TrafficCheck(
  "traffic",
  {
    url: [url, `https://${vip}/`],
    sources,
    requests: config.getNumber("requests") ?? 5,
    insecure: true,
    expect: { persistence: true, failures: 0 },
    triggers: [vip, scheduler, addresses],
  },
  { dependsOn: cluster },
);
