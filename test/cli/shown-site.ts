import type { DestinationStatus } from "../../provider/operations/service-status";
import type { Status } from "../../provider/operations/status";
import { stored } from "./drawn-site";

// The stack whose page is in README: direct routing to three real servers, one of which is out for maintenance.

const host = (name: string, address: string) => ({ name, address });

const DIRECTOR = host("director", "192.0.2.2");
const SERVERS = [host("rs1", "192.0.2.11"), host("rs2", "192.0.2.12"), host("rs3", "192.0.2.13")];

export const exported = {
  deployment: {
    resources: [
      stored("VirtualService", "shop", {
        ...{ host: DIRECTOR, address: "192.0.2.80", port: 443, protocol: "tcp", scheduler: "wrr", forwarding: "dr" },
        destinations: {
          "192.0.2.11:443": { weight: 1 },
          "192.0.2.12:443": { weight: 1 },
          "192.0.2.13:443": { weight: 2 },
        },
      }),
      ...SERVERS.map((server) => stored("Sysctl", `arp-${server.name}`, { host: server, key: "a" })),
      stored(
        "TrafficCheck",
        "traffic",
        { url: ["https://192.0.2.80/"], expect: { servers: { rs1: 1, rs2: 1, rs3: 2 } } },
        { distribution: { rs1: 10, rs2: 9, rs3: 21 }, failed: 0 },
      ),
    ],
  },
};

function destination(
  address: string,
  weight: number,
  [open, others, connections, bytesIn]: readonly [number, number, number, number],
): DestinationStatus {
  const rate = { connections, bytesIn, bytesOut: 0 };
  return { ...{ destination: `${address}:443`, forwarding: "dr", weight, open, others }, rate, total: rate };
}

const out = { weight: 1, since: "2026-01-02T03:04:05Z", reason: "a new disk", by: "ada@desk" };

const web = {
  ...{ service: "192.0.2.80:443", declared: true, scheduler: "wrr" },
  destinations: [
    destination("192.0.2.11", 1, [84, 210, 41, 52_713]),
    { ...destination("192.0.2.12", 0, [3, 95, 0, 1_204]), out },
    destination("192.0.2.13", 2, [171, 433, 83, 104_950]),
  ],
};

const quiet = { instances: [], services: [], differences: [] };

export const status: Status = {
  hosts: [
    { ...quiet, host: DIRECTOR.name, address: DIRECTOR.address, services: [web] },
    ...SERVERS.map(({ name, address }) => ({ ...quiet, host: name, address })),
  ],
};
