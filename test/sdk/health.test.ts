import { type ClusterService, ldirectordVirtual } from "../../sdk/index";

const destinations = { "172.17.111.222:80": { weight: 2 }, "172.17.111.234:80": {} };
const checks = { by: "ldirectord", service: "http", request: "ok.html", receive: "OK" } as const;

test("a cluster's service becomes a virtual service of ldirectord", () => {
  const service: ClusterService = { match: { mark: 99 }, forwarding: "dr", destinations, persistence: { timeout: 60 } };
  expect(ldirectordVirtual(service, { ...checks, globals: { checkInterval: 2 } })).toEqual({
    "99": {
      real: { "172.17.111.222:80": { forwarding: "dr", weight: 2 }, "172.17.111.234:80": { forwarding: "dr" } },
      persistence: { timeout: 60 },
      service: "http",
      request: "ok.html",
      receive: "OK",
    },
  });
});

const keys: [match: ClusterService["match"], key: string][] = [
  [{ address: "10.0.0.1", port: 80 }, "10.0.0.1:80"],
  [{ address: "2001:DB8::1", port: 53, protocol: "udp" }, "[2001:db8::1]:53/udp"],
  [{ mark: 7, family: "ipv6" }, "7/ipv6"],
];
test.each(keys)("%j is %s", (match, key) => {
  expect(Object.keys(ldirectordVirtual({ match, forwarding: "nat", destinations }, checks))).toEqual([key]);
});

test("SCTP is refused", () => {
  const match = { address: "10.0.0.1", port: 80, protocol: "sctp" } as const;
  expect(() => ldirectordVirtual({ match, forwarding: "nat", destinations }, checks)).toThrow(
    /match.protocol: ldirectord has no SCTP/,
  );
});
