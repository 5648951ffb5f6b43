import { createHash } from "node:crypto";
import { File, type Host, Package, Sysctls, SystemdService } from "pulumi-lvs";

/** What a router has to know of the directors behind it. */
export interface Routing {
  readonly vip: string;
  /** The router's interface on the clients' side. */
  readonly outside: string;
  readonly asn: { readonly router: number; readonly directors: number };
  /** The directors' addresses. */
  readonly directors: readonly string[];
  /** Milliseconds between two packets of BFD. The slower side of a session sets the pace. */
  readonly bfdInterval: number;
}

const CONFIGURATION = "/etc/bird/bird.conf";

/**
 * A Linux router that spreads clients over all directors that announce the VIP: several ways for one address, chosen by
 * address and port of a connection. The clients need no route to the VIP, because the router answers ARP for it.
 */
export function router(host: Host, routing: Routing): SystemdService {
  const settings = {
    "net.ipv4.ip_forward": 1,
    "net.ipv4.fib_multipath_hash_policy": 1,
    [`net.ipv4.conf.${routing.outside}.proxy_arp`]: 1,
  };
  const forwarding = new Sysctls("router-forwarding", { host, settings });
  const bird = new Package("router-bird", { host, package: "bird2" });
  const content = birdConfiguration(routing);
  const file = new File(
    "router-configuration",
    { host, path: CONFIGURATION, content, validate: ["bird", "-p", "-c", "%s"] },
    { dependsOn: bird },
  );
  const configuration = { [CONFIGURATION]: createHash("sha256").update(content).digest("hex") };
  return new SystemdService(
    "router-daemon",
    { host, unit: "bird.service", configuration },
    { dependsOn: [file, forwarding] },
  );
}

function birdConfiguration({ vip, asn, directors, bfdInterval }: Routing): string {
  const sessions = directors.map(
    (address, at) => `protocol bgp director${at + 1} {
    local as ${asn.router};
    neighbor ${address} as ${asn.directors};
    connect delay time 1; error wait time 1, 30;
    bfd { interval ${bfdInterval} ms; multiplier 3; };
    ipv4 { import filter { if net = ${vip}/32 then accept; reject; }; export none; };
}
`,
  );
  return `log syslog all;
protocol device { }
protocol bfd { }
protocol kernel { merge paths on; ipv4 { import none; export all; }; }
${sessions.join("")}`;
}
