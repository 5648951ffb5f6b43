import type * as pulumi from "@pulumi/pulumi";
import {
  type Forwarding,
  familyOfMatch,
  type HostPort,
  type Match,
  normalAddress,
  outFile,
  parseHostPort,
  parseMatchKey,
} from "pulumi-lvs-provider/model";
import type { KeepalivedCheck, KeepalivedVirtualArgs } from "./checks-args";
import { GLOBALS } from "./daemon";

export type KeepalivedVirtual = pulumi.Unwrap<KeepalivedVirtualArgs>;
export type KeepalivedVirtuals = Readonly<Record<string, KeepalivedVirtual>>;

const METHODS: Readonly<Record<Forwarding, string>> = { nat: "NAT", dr: "DR", tun: "TUN" };
export const INTERVAL = 5;
export const TIMES = { timeout: 5, retries: 1, retryDelay: 1 };

/** The text of a site's file (keepalived.conf(5)). */
export function renderChecks(virtuals: KeepalivedVirtuals): string {
  const servers = Object.values(virtuals).flatMap(({ real }) => Object.keys(real).map(addressOf));
  return [
    "# Written by pulumi-lvs: changes by hand are put back.",
    GLOBALS,
    // While the file of a server has another number than 0, the server is out. A file that is not there counts as 0.
    ...[...new Set(servers)].flatMap((address) =>
      block(`track_file ${trackOf(address)}`, [`file "${outFile(address)}"`, "weight 0"]),
    ),
    ...Object.entries(virtuals).flatMap(([key, virtual]) => service(parseMatchKey(key) as Match, virtual)),
    "",
  ].join("\n");
}

function block(head: string, lines: readonly string[]): string[] {
  return [`${head} {`, ...lines.map((line) => `    ${line}`), "}"];
}

function addressOf(server: string): string {
  return normalAddress((parseHostPort(server) as HostPort).address);
}

function trackOf(address: string): string {
  return `out_${address.replace(/\W/g, "_")}`;
}

function service(match: Match, virtual: KeepalivedVirtual): string[] {
  const { persistence, interval = INTERVAL, schedulerFlags = [], quorum, hysteresis } = virtual;
  const marked = "mark" in match;
  const head = marked ? `virtual_server fwmark ${match.mark}` : `virtual_server ${match.address} ${match.port}`;
  const [first] = Object.values(virtual.real);
  return block(head, [
    `delay_loop ${interval}`,
    ...(marked ? [`ip_family ${familyOfMatch(match) === "ipv6" ? "inet6" : "inet"}`] : []),
    ...(marked ? [] : [`protocol ${match.protocol.toUpperCase()}`]),
    `lvs_sched ${virtual.scheduler ?? "wrr"}`,
    ...schedulerFlags,
    ...(virtual.onePacket ? ["ops"] : []),
    ...(first ? [`lvs_method ${METHODS[first.forwarding]}`] : []),
    ...(persistence ? [`persistence_timeout ${persistence.timeout ?? 300}`] : []),
    ...(persistence?.mask === undefined ? [] : [`persistence_granularity ${persistence.mask}`]),
    ...(virtual.inhibitOnFailure ? ["inhibit_on_failure"] : []),
    ...(quorum === undefined ? [] : [`quorum ${quorum}`]),
    ...(hysteresis === undefined ? [] : [`hysteresis ${hysteresis}`]),
    ...(virtual.quorumUp ? [`quorum_up "${virtual.quorumUp.join(" ")}"`] : []),
    ...(virtual.quorumDown ? [`quorum_down "${virtual.quorumDown.join(" ")}"`] : []),
    ...sorry(match, virtual),
    ...Object.entries(virtual.real).flatMap(([key, real]) => server(key, real, virtual.check ?? { type: "tcp" })),
  ]);
}

function sorry(match: Match, { sorryServer: it }: KeepalivedVirtual): string[] {
  if (!it) return [];
  const port = it.port ?? ("mark" in match ? 0 : match.port);
  return [
    `sorry_server ${normalAddress(it.address)} ${port}`,
    ...(it.forwarding ? [`sorry_server_lvs_method ${METHODS[it.forwarding]}`] : []),
  ];
}

function server(key: string, real: KeepalivedVirtual["real"][string], check: KeepalivedCheck): string[] {
  const { port } = parseHostPort(key) as HostPort;
  const address = addressOf(key);
  return block(`real_server ${address} ${port}`, [
    `weight ${real.weight ?? 1}`,
    `lvs_method ${METHODS[real.forwarding]}`,
    ...(real.upperThreshold ? [`uthreshold ${real.upperThreshold}`] : []),
    ...(real.lowerThreshold ? [`lthreshold ${real.lowerThreshold}`] : []),
    ...block(CHECKS[check.type], [...own(check, { address, port }), ...retrying(check)]),
    ...block("FILE_CHECK", [`track_file ${trackOf(address)}`, "weight 0"]),
  ]);
}

const CHECKS = { tcp: "TCP_CHECK", http: "HTTP_GET", https: "SSL_GET", misc: "MISC_CHECK" } as const;

function own(check: KeepalivedCheck, { address, port }: HostPort): string[] {
  const { timeout = TIMES.timeout } = check;
  if (check.type === "misc") {
    const words = check.command.map((word) => word.replaceAll("%address", address).replaceAll("%port", String(port)));
    return [`misc_path "${words.join(" ")}"`, `misc_timeout ${timeout}`];
  }
  const connect = [...(check.port === undefined ? [] : [`connect_port ${check.port}`]), `connect_timeout ${timeout}`];
  if (check.type === "tcp") return connect;
  const { path = "/", status = 200, virtualHost } = check;
  return [
    ...(check.type === "https" ? ["enable_sni"] : []),
    ...block("url", [
      `path "${path}"`,
      `status_code ${status}`,
      ...(virtualHost === undefined ? [] : [`virtualhost "${virtualHost}"`]),
    ]),
    ...connect,
  ];
}

function retrying({ retries = TIMES.retries, retryDelay = TIMES.retryDelay }: KeepalivedCheck): string[] {
  return [`retry ${retries}`, `delay_before_retry ${retryDelay}`];
}
