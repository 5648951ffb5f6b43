import ipaddr from "ipaddr.js";
import { z } from "zod";
import { fragment } from "../boot";
import { type Command, sh } from "../command";
import { LvsError } from "../errors";
import { address, boot, hostPort, isAddress, port } from "../inputs";
import {
  activeConnections,
  type Destination,
  destinationLine,
  match,
  parseService,
  type Service,
  serviceLine,
  singleClient,
} from "../ipvsadm";
import type { Kind, Step } from "../kind";
import { digest } from "../ledger";

const SCHEDULERS = [
  "rr",
  "wrr",
  "lc",
  "wlc",
  "lblc",
  "lblcr",
  "dh",
  "sh",
  "sed",
  "nq",
  "fo",
  "ovf",
  "mh",
  "twos",
] as const;
const FLAGS = ["sh-fallback", "sh-port", "mh-fallback", "mh-port", "flag-1", "flag-2", "flag-3"] as const;

const declaration = z.object({
  address,
  port,
  protocol: z.enum(["tcp", "udp", "sctp"]).default("tcp"),
  scheduler: z.enum(SCHEDULERS).default("wlc"),
  schedulerFlags: z
    .array(z.enum(FLAGS))
    .default([])
    .transform((flags) => [...new Set(flags)].sort()),
  persistence: z
    .object({
      timeout: z.number().int().min(1, "1 s to 31 days").max(2678400, "1 s to 31 days").default(300),
      mask: z.string().optional(),
    })
    .optional(),
  onePacket: z.boolean().default(false),
  forwarding: z.enum(["nat", "dr", "tun"]),
  destinations: z.record(
    z.string(),
    z.object({
      weight: z.number().int().min(0, "0 to 65535").max(65535, "0 to 65535").default(1),
      upperThreshold: z.number().int().min(0).default(0),
      lowerThreshold: z.number().int().min(0).default(0),
    }),
  ),
  drain: z
    .object({
      timeout: z.number().min(0).max(86400).default(300),
      onTimeout: z.enum(["fail", "cut"]).default("fail"),
    })
    .prefault({}),
  boot,
});

type Want = z.output<typeof declaration>;

/** A virtual service and all of its destinations, keyed by address and port. What others put on the director is not touched. */
export const virtualService: Kind<Want, Service | null> = {
  name: "VirtualService",
  inputs: declaration.superRefine(rules).transform((want) => ({
    ...want,
    persistence: want.persistence && { mask: singleClient(want.address.includes(":")), ...want.persistence },
    destinations: Object.fromEntries(
      Object.entries(want.destinations).map(([key, to]) => {
        const { rip, at } = parseKey(key) as { rip: string; at: number };
        return [hostPort(rip, at), to];
      }),
    ),
  })) as unknown as z.ZodType<Want>,
  identity: (want) => `${want.protocol} ${hostPort(want.address, want.port)}`,

  observe: ({ had, want }) => [
    sh(`${want ? "" : "command -v ipvsadm >/dev/null || exit 0; "}ipvsadm -Sn`),
    sh(
      `${want ? "" : "command -v ipvsadm >/dev/null || exit 0; "}ipvsadm -Ln --thresholds "$@"`,
      ...matchOf(want ?? had).split(" "),
    ),
  ],
  read([saved, thresholds], { had, want }) {
    if (saved?.exit !== 0)
      throw new LvsError(
        `reading the IPVS table: ${saved?.stderr.trim().split("\n").pop()}. Is ipvsadm installed, and does the running ` +
          "kernel have IPVS (modprobe ip_vs)? Director declares both",
      );
    // The second listing fails when the service is not there, which the first one tells.
    return parseService(saved.stdout, thresholds?.stdout ?? "", matchOf(want ?? had)) ?? null;
  },
  plan(change, seen) {
    const at = matchOf(change.want ?? change.had);
    return delta(at, seen, change.want ? table(change.want) : (change.found ?? null), change.want?.drain);
  },
  report: (want, seen) => ({
    scheduler: seen?.scheduler ?? "",
    schedulerFlags: seen?.flags ?? [],
    persistence: seen?.persistence,
    onePacket: seen?.onePacket ?? false,
    destinations: Object.fromEntries(
      Object.entries(seen?.destinations ?? {}).map(([key, { forwarding, ...to }]) => [
        key,
        forwarding === want.forwarding ? to : { ...to, forwarding },
      ]),
    ),
  }),

  boot(want) {
    const at = matchOf(want);
    const lines = delta(at, null, table(want))[0]?.run.stdin as string;
    // Only where the service is not there: whoever took a destination out of the living table had a reason.
    const script = `ipvsadm -Sn | grep -qF -- '-A ${at} ' || ipvsadm -R <<'END'\n${lines}END`;
    return [fragment(50, `service-${want.protocol}-${want.address}-${want.port}`, script)];
  },
};

function matchOf(want: Want | undefined): string {
  const { protocol, address: vip, port: at } = want as Want;
  return match(protocol, vip, at);
}

function table(want: Want): Service {
  return {
    scheduler: want.scheduler,
    flags: want.schedulerFlags,
    persistence: want.persistence as Service["persistence"],
    onePacket: want.onePacket,
    destinations: Object.fromEntries(
      Object.entries(want.destinations).map(([key, to]) => [key, { forwarding: want.forwarding, ...to }]),
    ),
  };
}

/** From what is in the kernel to what should be: one edit of the table, and one more for each destination that is drained. */
function delta(at: string, seen: Service | null, target: Service | null, drain?: Want["drain"]): Step[] {
  if (!target) return seen ? [edit([`-D ${at}`], `deleting the virtual service ${at}`)] : [];
  const { destinations: wanted, ...service } = target;
  const { destinations: present, ...now }: Partial<Service> & Pick<Service, "destinations"> = seen ?? {
    destinations: {},
  };
  const lines: string[] = [];
  const changes: string[] = [];
  if (!seen) lines.push(serviceLine("-A", at, service));
  else if (digest(now) !== digest(service)) lines.push(serviceLine("-E", at, service));
  if (lines.length > 0) changes.push(`${service.scheduler}`);
  for (const [key, to] of Object.entries(wanted)) {
    const has = present[key];
    if (has && digest(has) === digest(to)) continue;
    lines.push(destinationLine(has ? "-e" : "-a", at, key, to));
    changes.push(`${key} weight ${to.weight}`);
  }
  const steps = lines.length > 0 ? [edit(lines, `virtual service ${at}: ${summary(changes)}`)] : [];
  const surplus = Object.entries(present).filter(([key]) => !(key in wanted));
  return [...steps, ...surplus.flatMap(([key, to]) => takeOut(at, key, to, drain))];
}

function summary(changes: readonly string[]): string {
  return changes.length <= 5 ? changes.join(", ") : `${changes.length} changes`;
}

/** Weight 0, wait until no connection is open, delete. UDP has no connections to wait for. */
function takeOut(at: string, key: string, to: Destination, drain: Want["drain"] | undefined): Step[] {
  const gone = edit([`-d ${at} -r ${key}`], `virtual service ${at}: deleting ${key}`);
  if (!drain || at.startsWith("-u")) return [gone];
  const quiet = destinationLine("-e", at, key, { ...to, weight: 0 });
  const wait: Step = {
    ...edit([quiet], `virtual service ${at}: draining ${key}`),
    until: {
      look: { argv: ["ipvsadm", "-Ln", ...at.split(" ")] },
      missing: ({ stdout }) => {
        const open = activeConnections(stdout, key);
        return open > 0 ? `${open} connections are open` : undefined;
      },
      within: drain.timeout,
      ...(drain.onTimeout === "cut" ? {} : { giveUp: editing([destinationLine("-e", at, key, to)]) }),
    },
  };
  return [wait, gone];
}

function edit(lines: readonly string[], because: string): Step {
  return { run: editing(lines), because };
}

/** One process for all lines. Its exit status says little (each line's own failure is lost): the table is read again. */
function editing(lines: readonly string[]): Command {
  return { argv: ["ipvsadm", "-R"], stdin: `${lines.join("\n")}\n` };
}

function parseKey(key: string): { rip: string; at: number } | undefined {
  const [, six, four, at] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(key) ?? [];
  const rip = six ?? four;
  if (!rip || !isAddress(rip) || Number(at) > 65535 || Number(at) < 1) return undefined;
  return { rip: ipaddr.parse(rip).toString(), at: Number(at) };
}

function rules(want: z.input<typeof declaration>, context: z.RefinementCtx): void {
  const problem = (message: string, ...path: string[]) => context.addIssue({ code: "custom", message, path });
  const names = new Map<string, string>();
  for (const [key, to] of Object.entries(want.destinations)) {
    const parsed = parseKey(key);
    if (!parsed) {
      problem('a destination is "address:port", IPv6 as "[address]:port"', "destinations", key);
      continue;
    }
    const name = hostPort(parsed.rip, parsed.at);
    if (names.has(name)) problem(`the same destination as "${names.get(name)}"`, "destinations", key);
    names.set(name, key);
    if (parsed.rip === want.address)
      problem("a real server cannot have the VIP as its own address", "destinations", key);
    if (parsed.rip.includes(":") !== want.address.includes(":") && want.forwarding !== "tun")
      problem('IPv4 and IPv6 can be mixed with forwarding "tun" alone', "destinations", key);
    if (want.forwarding !== "nat" && parsed.at !== want.port)
      problem(
        `"${want.forwarding}" cannot change the port: the destination listens on the service's ${want.port}`,
        "destinations",
        key,
      );
    if ((to.lowerThreshold ?? 0) > (to.upperThreshold ?? 0))
      problem("lowerThreshold is above upperThreshold", "destinations", key, "lowerThreshold");
  }
  for (const flag of want.schedulerFlags ?? []) {
    const owner = flag.split("-")[0] as string;
    if (owner !== "flag" && owner !== want.scheduler)
      problem(`${flag} fits the scheduler ${owner} alone`, "schedulerFlags");
  }
  if (want.onePacket && want.protocol !== "udp") problem("one-packet scheduling is for UDP", "onePacket");
  const mask = want.persistence?.mask;
  if (mask !== undefined && !maskFits(want.address, mask))
    problem("a netmask for IPv4 (not 0.0.0.0), a prefix length from 1 to 128 for IPv6", "persistence", "mask");
}

function maskFits(vip: string, mask: string): boolean {
  if (vip.includes(":")) return /^\d{1,3}$/.test(mask) && Number(mask) >= 1 && Number(mask) <= 128;
  return ipaddr.IPv4.isValid(mask) && (ipaddr.IPv4.parse(mask).prefixLengthFromSubnetMask() ?? 0) > 0;
}
