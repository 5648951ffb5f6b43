import * as pulumi from "@pulumi/pulumi";
import { NatCluster, type NatFailoverArgs, type Scheduler, type ServedPort, TrafficCheck } from "pulumi-lvs";
import { hosts } from "./hosts";
import { twoArm, twoArmPair } from "./machines";
import { webServers } from "./web-servers";

// Experiment 1: forwarding by network address translation (NAT). The director has two arms, and the web servers are on
// a network of their own. In the configuration, `directors: 2` has a second director stand in for the first: the VIP and
// the web servers' gateway float together, and neither may be a director's own.
const config = new pulumi.Config();
const pair = config.getNumber("directors", { min: 1, max: 2 }) === 2 ? hosts(twoArmPair) : undefined;
const vip = config.get("vip") ?? (pair ? "172.17.111.111" : "172.17.111.117");
const gateway = config.get("gateway") ?? "192.168.199.145";
const clients = config.get("clients") ?? "172.17.111.0/24";
const scheduler = config.get<Scheduler>("scheduler") ?? "wrr";
const ports = config.getObject<ServedPort[]>("ports") ?? [80];
const timeout = config.getNumber("timeout");

const machines = pair ?? hosts(twoArm);
const { realServers, addresses, weights } = webServers(machines, vip, {
  rs1: "192.168.199.146",
  rs2: "192.168.199.143",
});

const cluster = new NatCluster("nat", {
  ...(pair ? { directors: [pair.director, pair.director2], failover: failover() } : { director: machines.director }),
  ...{ vip, gateway, clients, ports, scheduler, realServers },
  ...(timeout !== undefined && { persistence: { timeout } }),
});

/** The directors' own addresses on the web servers' network, and the seconds between two adverts: see the experiment ha. */
function failover(): NatFailoverArgs {
  const own = {
    director: "192.168.199.117",
    director2: "192.168.199.118",
    ...config.getObject<Record<string, string>>("addresses"),
  };
  const advertInterval = config.getNumber("advertInterval");
  return { by: "vrrp", addresses: [own.director, own.director2], ...(advertInterval && { advertInterval }) };
}

export const url = `http://${vip}/`;

const expect = timeout === undefined ? { servers: weights } : { persistence: true, failures: 0 };
export const { distribution } = new TrafficCheck(
  "traffic",
  { url, requests: config.getNumber("requests"), expect, triggers: [vip, scheduler, addresses] },
  { dependsOn: cluster },
);
