import type { KernelHost } from "./kernel";

/** A host that has BIRD, as its package leaves it, with nothing running. */
export async function hasBird(host: KernelHost): Promise<void> {
  await host.run("mkdir -p /run/bird && chown bird:bird /run/bird");
}

/**
 * Makes a host a router that spreads clients over all directors that announce an address to it. The router knows its directors by
 * their addresses.
 */
export async function route(router: KernelHost, asn: number, directors: readonly string[]): Promise<void> {
  const family = (address: string) => (address.includes(":") ? "ipv6" : "ipv4");
  const session = (address: string, n: number) => `protocol bgp d${n} {
    local as ${asn}; neighbor ${address} as 64513; password "secret"; connect delay time 1; error wait time 1, 30;
    bfd { interval 200 ms; multiplier 3; };
    ${family(address)} { import all; export none; }; }`;
  const kernel = (name: string) => `protocol kernel { merge paths on; ${name} { export all; import none; }; }`;
  const conf = `router id 10.99.0.1; protocol device { } protocol bfd { } ${kernel("ipv4")} ${kernel("ipv6")}
    ${directors.map(session).join("\n")}\n`;
  await hasBird(router);
  await router.run(
    `sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \\
      net.ipv4.fib_multipath_hash_policy=1 net.ipv6.fib_multipath_hash_policy=1
    cat >/run/bird/router.conf; chmod 644 /run/bird/router.conf; bird -u bird -g bird -c /run/bird/router.conf`,
    conf,
  );
}
