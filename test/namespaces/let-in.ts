import fc from "fast-check";

/** A port or a range of ports, in the forms that a program has. */
const port = fc.integer({ min: 1, max: 65535 });
const range = fc.tuple(port, fc.nat(100)).map(([first, more]) => `${first}-${Math.min(first + more, 65535)}`);

/** Declarations of what a host lets in (`FirewallRule`), from these sources and on these interfaces. */
export function letIn(source: fc.Arbitrary<string>, interfaces: readonly string[]) {
  const more = { source, inInterface: fc.constantFrom(...interfaces) };
  const ports = fc.record(
    { protocol: fc.constantFrom("tcp", "udp", "sctp"), port: fc.oneof(port, range), ...more },
    { requiredKeys: ["port"] },
  );
  const whole = fc.record(
    { protocol: fc.constantFrom("vrrp", "gre", "ipip"), ...more },
    { requiredKeys: ["protocol"] },
  );
  return fc.oneof(ports, ports, whole);
}
