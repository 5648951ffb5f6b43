import fc from "fast-check";
import { hostPort } from "../../provider/inputs";

/** What a service catches, and the port that its destinations have to keep. */
export type Site = { six: boolean; catches: object; port: number; forwardings: string[] };

/** Anything that a virtual service may catch, with addresses that nothing else has. */
export const sites: fc.Arbitrary<Site> = fc
  .record({
    six: fc.boolean(),
    mark: fc.boolean(),
    port: fc.constantFrom(0, 80, 443),
    protocol: fc.constantFrom("tcp", "udp", "sctp"),
  })
  .map(({ six, mark, port, protocol }) => ({
    six,
    port: mark ? 0 : port,
    catches: mark
      ? { mark: 99, family: six ? "ipv6" : "ipv4" }
      : { address: six ? "2001:db8::9" : "10.0.0.9", port, protocol },
    forwardings: ["nat", "dr", "tun"],
  }));

const limits = fc
  .tuple(fc.nat(100), fc.nat(100))
  .map(([a, b]) => ({ upperThreshold: Math.max(a, b), lowerThreshold: Math.min(a, b) }));
const tunnels = fc.oneof(
  fc.constant({ type: "ipip" }),
  fc.record({
    type: fc.constant("gue"),
    port: fc.integer({ min: 1, max: 65535 }),
    checksum: fc.constantFrom("none", "full", "remote"),
  }),
  fc.record({ type: fc.constant("gre"), checksum: fc.constantFrom("none", "full") }),
);

/** Any valid declaration for what the site catches. */
export function declarations({ six, catches, port }: Site): fc.Arbitrary<object> {
  const udp = "mark" in catches || (catches as { protocol: string }).protocol === "udp";
  const masks = six
    ? fc.constantFrom("1", "64", "128")
    : fc.constantFrom("255.0.0.0", "255.255.255.0", "255.255.255.255");
  const persistence = fc.record(
    { timeout: fc.integer({ min: 1, max: 2678400 }), mask: masks, ...(udp && { engine: fc.constant("sip") }) },
    { requiredKeys: [] },
  );
  return fc.constantFrom("nat", "dr", "tun").chain((forwarding) => {
    const families = forwarding === "tun" ? fc.boolean() : fc.constant(six);
    const key = fc
      .tuple(families, fc.integer({ min: 1, max: 5 }), fc.constantFrom(0, 8080))
      .map(([v6, last, shift]) => {
        const at = forwarding === "nat" && shift ? shift : port;
        return hostPort(v6 ? `fd00::${last}` : `10.0.1.${last}`, at);
      });
    const scheduling = fc.constantFrom(
      { scheduler: "rr" },
      { scheduler: "wrr" },
      { scheduler: "sh", schedulerFlags: ["sh-port", "sh-fallback"] },
      { scheduler: "mh", schedulerFlags: ["mh-port"] },
      { scheduler: "fo", schedulerFlags: ["flag-3", "flag-1"] },
    );
    const destination = fc
      .tuple(
        fc.nat(65535),
        limits,
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
