import * as pulumi from "@pulumi/pulumi";
import { DrCluster, type Scheduler, TrafficCheck } from "pulumi-lvs";
import { hosts } from "./hosts";
import { oneLan } from "./machines";
import { webServers } from "./web-servers";

// Experiment 3: a client's http and https stay on one real server. One firewall mark for both ports makes them one service.
const config = new pulumi.Config();
const vip = config.get("vip") ?? "172.17.111.111";
const device = config.get("device") ?? "eth0";
const scheduler = config.get<Scheduler>("scheduler") ?? "rr";
const mark = config.getNumber("mark") ?? 99;
const persistence = { timeout: config.getNumber("timeout") ?? 300 };

const machines = hosts(oneLan);
const { realServers, addresses } = webServers(machines, vip, { rs1: "172.17.111.234", rs2: "172.17.111.222" });

const site = { director: machines.director, vip, device, scheduler, realServers };
const cluster = new DrCluster("persistence", { ...site, ports: [80, 443], mark, persistence });

export const url = `http://${vip}/`;

// One client alone stays on one server: which one is not judged, only that every request is answered.
for (const scheme of ["http", "https"])
  new TrafficCheck(
    scheme,
    { url: `${scheme}://${vip}/`, insecure: true, expect: { failures: 0 }, triggers: [vip, scheduler, addresses] },
    { dependsOn: cluster },
  );
