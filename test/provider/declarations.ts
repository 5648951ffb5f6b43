import { kinds } from "../../provider/kinds";
import type { Props } from "../../provider/pulumi/handler";
import { casesOf } from "./cases";

// Valid inputs of everything that can be declared, as the SDK passes them on.

const host = { name: "director", address: "192.0.2.1" };

/** A host with everything that can be said of one. */
const full = {
  ...{ ...host, port: 2222, user: "admin", hostKey: ["ssh-ed25519 AAAAC3Nz"], knownHosts: "~/.ssh/known_hosts" },
  ...{ hostKeyChecking: "on", privateKey: "PEM", passphrase: "word", agent: "off", sudo: { password: "word" } },
  ...{ jump: { name: "gate", address: "gate.example.org" }, ready: 30, onUnreachable: "forget" },
  machine: "0123456789abcdef0123456789abcdef",
};

const others: Record<string, Props[]> = {
  Rollout: [
    {
      ...{ site: "shop", root: "/srv/shop", release: "0123abcd", user: "shop", prepare: ["./manage", "it's"] },
      servers: [
        { host, address: "192.0.2.2" },
        { host: { name: "rs2" }, address: "2001:db8::3" },
      ],
      directors: [{ host, vip: "192.0.2.9", mark: 99 }],
      ready: { path: "/readyz", status: 200, contains: "ok", within: 5 },
      ...{ prepareOn: "each", drain: { timeout: 5, onTimeout: "cut" }, alone: "refuse", machines: ["m"] },
      ...{ batch: "25%", maxFailures: 1, canary: 2, onDirectorDown: "fail" },
    },
  ],
  TrafficCheck: [
    {
      ...{ url: ["http://192.0.2.9/", "https://[2001:db8::9]/x"], sources: ["192.0.2.7", "2001:db8::7"] },
      ...{ requests: 5, header: "X-Backend", timeout: 3, within: 5, insecure: true, triggers: [1, { a: 2 }], host },
      drains: { directors: [host], servers: { rs1: "192.0.2.2", rs2: "2001:db8::3" } },
      expect: {
        ...{ servers: { rs1: 1, rs2: 2 }, tolerance: 0.5, failures: 1, persistence: true, spread: 2 },
        arp: { address: "192.0.2.9", device: "eth0", director: host, directorDevice: "eth1" },
        failover: {
          ...{ instance: "shop", addresses: ["192.0.2.9"], directors: [host, { ...host, name: "d2" }], within: 20 },
          ...{ by: "stop", failures: 1, gap: 1.5 },
        },
      },
    },
    { url: "http://192.0.2.9/" },
  ],
  Password: [{ length: 40, triggers: ["a", { b: 1 }] }],
  TlsCertificate: [{ names: ["192.0.2.1", "2001:db8::1", "*.example.org"], commonName: "shop", days: 30 }],
};

/** The inputs by type: those of the cases, each once, and those above. */
export const declarations: Readonly<Record<string, readonly Props[]>> = {
  ...Object.fromEntries([...kinds.keys()].map((kind) => [kind, ofCases(kind)])),
  ...others,
};

function ofCases(kind: string): Props[] {
  const given = casesOf(kind).flatMap(({ inputs, problems, want, had }) => [problems ? undefined : inputs, want, had]);
  const distinct = new Map(given.flatMap((one) => (one ? [[JSON.stringify(one), one] as const] : [])));
  const hosted = [...distinct.values()].map((one): Props => ({ ...one, host }));
  // How a host is declared is the same for every kind. One of them tries it.
  return kind === "Sysctl" ? [...hosted, { ...hosted[0], host: full }] : hosted;
}
