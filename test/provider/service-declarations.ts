import fc from "fast-check";
import { hostPort } from "../../provider/model";

/** What a service matches, and the port that its destinations have to keep. */
export type Site = { six: boolean; catches: object; port: number };

const anyPort = fc.oneof(fc.constantFrom(80, 443), fc.integer({ min: 1, max: 65535 }));
const marks = fc.oneof(
  fc.constantFrom(1, 99, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1),
  fc.integer({ min: 1, max: 2 ** 32 - 1 }),
);
/** In any spelling that is accepted. */
const vips = {
  4: ["10.0.0.9", "198.51.100.9", "127.0.0.9", "255.255.255.254"],
  6: ["2001:db8::9", "FD00:0:0:1::9:0", "2001:db8:0:0:1:0:0:0", "::9", "2001:0db8:0000:0000:0000:0000:0000:0010"],
};

/** Any match of a virtual service, with addresses that no other service has. */
export const sites: fc.Arbitrary<Site> = fc.boolean().chain((six) =>
  fc.oneof(
    marks.map((mark) => ({ six, port: 0, catches: { mark, family: six ? "ipv6" : "ipv4" } })),
    fc
      .record({
        address: fc.constantFrom(...vips[six ? 6 : 4]),
        port: fc.oneof(fc.constant(0), anyPort),
        protocol: fc.constantFrom("tcp", "udp", "sctp"),
      })
      .map((catches) => ({ six, port: catches.port, catches })),
  ),
);

const limits = fc
  .tuple(fc.oneof(fc.nat(100), fc.nat(2 ** 31 - 1), fc.constant(2 ** 31 - 1)), fc.nat(100))
  .map(([a, b]) => ({ upperThreshold: Math.max(a, b), lowerThreshold: Math.min(a, b) }));
const tunnels = fc.oneof(
  fc.constant({ type: "ipip" }),
  fc.record({ type: fc.constant("gue"), port: anyPort, checksum: fc.constantFrom("none", "full", "remote") }),
  fc.record({ type: fc.constant("gre"), checksum: fc.constantFrom("none", "full") }),
);

/** The schedulers of Linux 6.1. `twos` came with 6.10. */
const PLAIN = ["rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sed", "nq", "fo", "ovf"];
const scheduling = fc.oneof(
  // These schedulers ignore numbered flags, but the kernel keeps the flags of every service.
  ...[fc.constantFrom(...PLAIN), fc.constant("sh"), fc.constant("mh")].map((schedulers) =>
    schedulers.chain((scheduler) => {
      const own = PLAIN.includes(scheduler)
        ? ["flag-1", "flag-2", "flag-3"]
        : [`${scheduler}-fallback`, `${scheduler}-port`];
      return fc.record({ scheduler: fc.constant(scheduler), schedulerFlags: fc.subarray(own) });
    }),
  ),
);

const masks = {
  4: fc.integer({ min: 1, max: 32 }).map((bits) => {
    const mask = (2 ** 32 - 2 ** (32 - bits)) >>> 0;
    return [24, 16, 8, 0].map((shift) => (mask >>> shift) & 255).join(".");
  }),
  6: fc.integer({ min: 1, max: 128 }).map(String),
};

/** Any valid declaration of a service with this match. */
export function declarations({ six, catches, port }: Site): fc.Arbitrary<object> {
  const udp = "mark" in catches || (catches as { protocol: string }).protocol === "udp";
  const persistence = fc.record(
    {
      timeout: fc.oneof(fc.constantFrom(1, 300, 2678400), fc.integer({ min: 1, max: 2678400 })),
      mask: masks[six ? 6 : 4],
      ...(udp && { engine: fc.constant("sip") }),
    },
    { requiredKeys: [] },
  );
  return fc.constantFrom("nat", "dr", "tun").chain((forwarding) => {
    const families = forwarding === "tun" ? fc.boolean() : fc.constant(six);
    const shifted = forwarding === "nat" ? fc.oneof(fc.constant(port), fc.constant(8080)) : fc.constant(port);
    const key = fc
      .tuple(families, fc.integer({ min: 1, max: 5 }), shifted)
      .map(([v6, last, at]) =>
        hostPort(v6 ? (last > 3 ? `FD00:0::000${last}` : `fd00::${last}`) : `10.0.1.${last}`, at),
      );
    const destination = fc
      .tuple(
        fc.oneof(fc.nat(5), fc.nat(65535), fc.constantFrom(0, 65535)),
        fc.oneof(fc.constant({}), limits),
        forwarding === "tun" ? fc.option(tunnels, { nil: undefined }) : fc.constant(undefined),
      )
      .map(([weight, limit, tunnel]) => ({ weight, ...limit, ...(tunnel && { tunnel }) }));
    return fc
      .record({
        scheduling,
        persistence: port === 0 && !("mark" in catches) ? persistence : fc.option(persistence, { nil: undefined }),
        onePacket: udp ? fc.boolean() : fc.constant(false),
        destinations: fc.dictionary(key, destination, { maxKeys: 6 }),
      })
      .map(({ scheduling, persistence, ...rest }) => ({
        ...catches,
        ...scheduling,
        ...(persistence && { persistence }),
        forwarding,
        ...rest,
      }));
  });
}
