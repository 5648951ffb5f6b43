import { provider } from "../../provider/index";
import type { Props } from "../../provider/pulumi/handler";
import * as lvs from "../../sdk/index";
import { components } from "./components";
import { GENERATED, register, unmarked } from "./registered";

// A site whose addresses are spelled otherwise is the same site: what the provider makes of each resource has not changed, nor
// has a letter of a file. A changed file would be a reload of its daemon.

const SEEN = { ...GENERATED, Release: { machine: "0123456789abcdef0123456789abcdef" } };

type Spelling = "normal" | "other";

/** Each address of IPv4 as one of IPv6, in its normal spelling or in another one. */
function sixth(text: string, spelling: Spelling): string {
  const address = /(?<![\d.])(\d+)\.(\d+)\.(\d+)\.(\d+)(?:\/(\d+))?(:\d+)?(?![\d.])/g;
  const six = text.replace(address, (_, a, b, c, d, bits, port) => {
    const [first, second, third, last] = [a, b, c, d].map((one) => Number(one).toString(16)) as string[];
    const other = `FD00:0:0:0:${first}:${second}:${third}:${last?.padStart(4, "0")}`.toUpperCase();
    const one = spelling === "normal" ? `fd00::${first}:${second}:${third}:${last}` : other;
    if (bits) return `${one}/${96 + Number(bits)}`;
    return port ? `[${one}]${port}` : one;
  });
  return spelling === "normal" ? six : six.replace("2001:db8::", "2001:DB8:0::");
}

function spelled(value: unknown, spelling: Spelling): unknown {
  if (typeof value === "string") return sixth(value, spelling);
  if (Array.isArray(value)) return value.map((one) => spelled(one, spelling));
  if (value instanceof lvs.Host || value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      // A netmask is of IPv4 alone. ldirectord's fallback for all services has another name with IPv6.
      .filter(([key]) => key !== "mask")
      .map(([key, one]) => [key === "fallback" ? "fallback6" : sixth(key, spelling), spelled(one, spelling)]),
  );
}

const host = (name: string) => new lvs.Host(name);
const [d1, d2, rs1] = ["d1", "d2", "rs1"].map(host) as [lvs.Host, lvs.Host, lvs.Host];
const pair = { directors: [d1, d2], vip: "10.0.0.9", realServers: [{ host: rs1, address: "10.0.0.11" }] };
const check = { type: "tcp", port: 80 } as const;
const bgp = { asn: 64513, neighbours: [{ address: "10.0.0.1", asn: 64512 }] };

/** Labels of aliases, ARP, and a fallback beside a mark are of IPv4 alone. */
const { VipAlias: _, TrafficCheck: __, Ldirectord: ___, ...others } = components;
const given: [what: string, make: (name: string, args: never) => unknown, args: object][] = [
  ...Object.entries(others).flatMap(([what, { make, given: all }]) =>
    all().map((args): (typeof given)[number] => [what, make, args]),
  ),
  [
    "two directors",
    (...it) => new lvs.DrCluster(...it),
    { ...pair, failover: { by: "vrrp", addresses: ["10.0.0.2", "10.0.0.3"] }, health: { by: "keepalived", check } },
  ],
  ["many directors", (...it) => new lvs.DrCluster(...it), { ...pair, failover: { by: "ecmp", ...bgp } }],
  [
    "Bird",
    (...it) => new lvs.Bird(...it),
    { host: d1, announcement: "it", ...bgp, addresses: ["10.0.0.9"], services: ["10.0.0.9:80"] },
  ],
  [
    "Ldirectord",
    (...it) => new lvs.Ldirectord(...it),
    {
      host: d1,
      globals: { fallback: { address: "10.0.0.7" } },
      virtuals: { "10.0.0.9:80": { request: "ok.html", real: { "10.0.0.11:80": { forwarding: "dr", weight: 2 } } } },
    },
  ],
  [
    "KeepalivedChecks",
    (...it) => new lvs.KeepalivedChecks(...it),
    {
      host: d1,
      virtuals: {
        "10.0.0.9:80": { real: { "10.0.0.11:80": { forwarding: "nat" } }, sorryServer: { address: "10.0.0.8" } },
      },
    },
  ],
];

/** What the provider makes of each resource. Who declares it and by which host says nothing of the site. */
async function made(make: () => unknown): Promise<Record<string, object>> {
  const registered = await register(make, SEEN);
  const checked = registered.map(async ({ type, name, inputs }): Promise<[string, object][]> => {
    const [, kind] = /^pulumi-nodejs:dynamic\/lvs:(\w+)$/.exec(type) ?? [];
    if (kind === undefined) return [];
    const { inputs: normal } = await provider(kind).check({}, unmarked(inputs) as Props);
    const { advice: _, claim: __, host: ___, owner: ____, ...its } = normal as Props;
    return [[`${kind} ${name}`, its]];
  });
  return Object.fromEntries((await Promise.all(checked)).flat());
}

test.each(given.map(([what, ...rest], at) => [`${what} ${at}`, ...rest] as const))("%s", async (what, make, args) => {
  const name = what.replace(/\W/g, "");
  const [normal, other] = [
    await made(() => make(name, spelled(args, "normal") as never)),
    await made(() => make(name, spelled(args, "other") as never)),
  ];
  expect(other).toEqual(normal);
});
