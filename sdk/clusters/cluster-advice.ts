import type * as pulumi from "@pulumi/pulumi";
import { type Finding, type Forwarding, judge, type PortOf } from "pulumi-lvs-provider/model";
import { hostFacts, warn } from "../advice/advise";
import { type CheckFacts, checkRules } from "../advice/health-rules";
import { noteRoles } from "../advice/roles";
import { schedulingRules } from "../advice/scheduling-rules";
import { siteRules } from "../advice/site-rules";
import type { AdviceArgs } from "../arguments/advice-args";
import { isKnown } from "../arguments/known";
import { plain } from "../arguments/plain";
import type { Host } from "../host/host";
import type { Health } from "./health";

/** What both sorts of clusters declare. */
interface ClusterArgs {
  readonly forwarding: Forwarding;
  readonly directors: readonly Host[];
  readonly vip: pulumi.Input<string>;
  readonly ports: readonly PortOf[];
  readonly clients?: pulumi.Input<string> | pulumi.Input<string>[] | undefined;
  readonly scheduler?: pulumi.Input<string> | undefined;
  readonly realServers: readonly {
    readonly host: Host;
    readonly address: pulumi.Input<string>;
    readonly port?: pulumi.Input<number> | undefined;
    readonly weight?: pulumi.Input<number> | undefined;
  }[];
  readonly health?: Health | undefined;
}

/** All that is known to fail in a cluster, as far as the program knows the cluster now. */
export function clusterAdvice(args: ClusterArgs): Finding[] {
  const { forwarding, directors, vip, ports, clients = [], scheduler = "wrr", realServers, health } = args;
  const servers = realServers.map(({ host, address, port, weight = 1 }, at) => ({
    property: `realServers[${at}]`,
    host: hostFacts(host),
    address: plain(address),
    port: plain(port),
    weight: plain(weight),
    upperThreshold: 0,
    served: port === undefined ? [...ports] : onPort(plain(port), ports),
  }));
  const where = { vip: plain(vip), clients: [clients].flat().map(plain) };
  const sites = directors.map((director) => ({ forwarding, director: hostFacts(director), ports, servers, ...where }));
  const scheduling = { scheduler: plain(scheduler), servers };
  return [
    ...distinct(sites.flatMap((site) => judge(siteRules, site))),
    ...judge(schedulingRules, scheduling),
    ...judge(checkRules, { ...checkPortOf(health), served: servers.flatMap(({ served }) => served) }),
  ];
}

/** The real server's own port, which is that of every protocol; undefined where it comes later. */
function onPort(port: number | undefined, ports: readonly PortOf[]): (PortOf | undefined)[] {
  return ports.map(({ protocol }) => (port === undefined ? undefined : { protocol, port }));
}

/** What holds whichever director it is about is told once. */
function distinct(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((one) => [JSON.stringify(one), one])).values()];
}

/** A port that is checked; undefined where there is none, or where it is the port of each server. */
function checkPortOf(health: Health | undefined): Omit<CheckFacts, "served"> {
  if (health?.by === "keepalived") {
    const { check } = health;
    const checkPort = check && "port" in check ? plain(check.port) : undefined;
    return { property: "health.check.port", checkPort, protocols: ["tcp"] };
  }
  const property = "health.checkPort";
  const all = { property, protocols: ["tcp", "udp", "sctp"] } as const;
  if (health?.by !== "ldirectord" || !isKnown(health.checkType)) return { ...all, checkPort: undefined };
  const elsewhere = ["on", "off", "ping", "external", "external-perl"].includes(String(health.checkType));
  const checkPort = elsewhere ? undefined : plain(health.checkPort);
  const asked = plain(health.service);
  return { ...all, checkPort, ...(asked !== undefined && !BY_UDP.includes(asked) && { protocols: ["tcp"] }) };
}

/** What ldirectord may ask for by UDP. */
const BY_UDP: readonly string[] = ["dns", "radius", "sip"];

/** Tells the warnings, and notes who is what in the cluster. */
export function warnOf(
  cluster: pulumi.Resource,
  about: string,
  findings: readonly Finding[],
  { directors, realServers, advice }: Pick<ClusterArgs, "directors" | "realServers"> & { advice?: AdviceArgs },
): void {
  const servers = realServers.map(({ host }) => host);
  for (const director of directors) noteRoles(director, servers);
  warn(cluster, about, findings, advice, ...directors.map((director) => director.args.advice));
}
