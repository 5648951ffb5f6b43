import * as pulumi from "@pulumi/pulumi";
import * as lvs from "../../../sdk/index";

/** What a program of the list has at hand. It is written as in JavaScript, where nobody checks types. */
// biome-ignore lint/suspicious/noExplicitAny: a mistake is what the types forbid
export type Scene = any;

export interface Mistake {
  readonly mistake: string;
  readonly program: (scene: Scene) => unknown;
  /** Where it is, and what is said: the whole beginning of the answer, or a part of it. */
  readonly says: string;
  /** When it is told. A value that comes later is judged by the check of its resource. */
  readonly by?: "the program" | "a check" | "a warning";
}

/** Values as a stack's configuration gives them. */
const CONFIGURATION = {
  "shop:port": "80",
  "shop:weight": "2",
  "shop:flag": "true",
  "shop:ports": "[80,443]",
  "shop:empty": "",
  "shop:asn": "64513",
  "shop:servers": '[{"host":"rs1","address":"10.2.0.11"}]',
};

export function scene(): Scene {
  for (const [key, value] of Object.entries(CONFIGURATION)) pulumi.runtime.setConfig(key, value);
  const host = (name: string, address: string) => new lvs.Host(name, { address });
  const director = host("director", "10.2.0.1");
  const rs1 = host("rs1", "10.2.0.11");
  const rs2 = host("rs2", "10.2.0.12");
  const realServers = [
    { host: rs1, address: "10.2.0.11" },
    { host: rs2, address: "10.2.0.12" },
  ];
  const directors = [director, host("director2", "10.2.0.2")];
  const neighbours = [{ address: "10.2.0.254", asn: 64512 }];
  const destinations = { "10.2.0.11:80": {}, "10.2.0.12:80": {} };
  return {
    ...lvs,
    pulumi,
    config: new pulumi.Config("shop"),
    /** A value that comes with the update. */
    late: (value: unknown) => pulumi.output(Promise.resolve(value)),
    ...{ host, director, directors, rs1, rs2, realServers, destinations },
    server: realServers[0],
    nat: { director, vip: "10.1.0.9", gateway: "10.2.0.1", realServers },
    dr: { director, vip: "10.2.0.9", device: "eth0", realServers },
    /** Two directors that stand in for each other, and two that serve at the same time. */
    pair: { directors, vip: "10.2.0.9", device: "eth0", realServers },
    vrrp: { by: "vrrp", addresses: ["10.2.0.1", "10.2.0.2"] },
    ecmp: { by: "ecmp", asn: 64513, neighbours },
    bird: { host: director, asn: 64513, addresses: ["10.9.0.9"], neighbours },
    floating: {
      ...{ host: director, device: "eth0", source: "10.2.0.1", peers: ["10.2.0.2"] },
      addresses: [{ address: "10.2.0.9" }],
    },
    service: { host: director, address: "10.1.0.9", port: 80, forwarding: "nat", destinations },
    ldirectord: { by: "ldirectord", service: "http", request: "ok.html", receive: "OK" },
    application: {
      artefact: { path: "shop.tar.gz", sha256: "0".repeat(64) },
      start: ["python3", "-m", "shop"],
      ready: { path: "/readyz" },
    },
    release: {
      ...{ host: rs1, site: "shop", root: "/srv/shop", release: "0123abcd", user: "shop", start: ["python3"] },
      artefact: { path: "shop.tar.gz", sha256: "0".repeat(64) },
    },
    rollout: {
      site: "shop",
      root: "/srv/shop",
      release: "0123abcd",
      user: "shop",
      ready: { path: "/" },
      servers: realServers,
    },
  };
}
