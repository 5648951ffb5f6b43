import { hostOf, type Resource, type ServiceStatus, type Status } from "pulumi-lvs-provider/operations";
import { hostsOf, type StackState, serverNames } from "../state";
import { type DeclaredService, declaredServices } from "./declared-services";
import { type Failovers, failoversOf, isIdle, type Standing } from "./failovers";
import { together, type Way, waysOf } from "./ways";

/** What a picture of a stack's sites shows. Every word of it may come from a host or a program. */
export interface Topology {
  readonly hosts: readonly DrawnHost[];
  readonly networks: readonly DrawnNetwork[];
  readonly services: readonly DrawnService[];
}

export interface DrawnHost {
  /** The host's name; the address of a destination that is no host of the stack. */
  readonly name: string;
  readonly address: string;
  /** The host was asked, and did not answer. */
  readonly isLost: boolean;
  /** Something of the host cannot be read: what stands there is declared. */
  readonly isUnread: boolean;
}

/** What a picture says of a host beside its name. */
export function hostLines({ name, address, isLost, isUnread }: DrawnHost): string[] {
  return [name, address, isLost ? "not reached" : isUnread ? "not readable" : ""];
}

/** Hosts that share a network, as far as the declarations say so. */
export interface DrawnNetwork {
  readonly title: string;
  readonly hosts: readonly string[];
}

export interface DrawnService {
  /** What the service catches, and how it chooses: a line each. */
  readonly lines: readonly string[];
  readonly directors: readonly DrawnDirector[];
  readonly ways: readonly Way[];
}

export interface DrawnDirector {
  readonly host: string;
  /** Nothing where the director is alone. */
  readonly says?: Standing;
}

/** Draws the state, and what the hosts say where they were asked. */
export function topologyOf(state: StackState, status?: Status): Topology {
  const declared = declaredServices(state);
  const failovers = failoversOf(state, status);
  const called = { servers: serverNames(state, status), gateways: gatewaysOf(state.resources), services: declared };
  const each = groups(declared, failovers).map((group): DrawnService => {
    const directors = group.map(({ director }) => {
      const says = failovers.says(group[0] as DeclaredService, director);
      return { host: director, ...(says && { says }) };
    });
    const directing = group.filter((_, i) => !isIdle(directors[i]?.says));
    const ways = directing.flatMap((service) => waysOf(service, seenBy(status, service), called));
    return { lines: (group[0] as DeclaredService).lines, directors, ways };
  });
  const shared = together(each.flatMap(({ ways }) => ways));
  const services = each.map((service) => ({ ...service, ways: service.ways.map(shared) }));
  return { hosts: drawnHosts(state, services, status), networks: networksOf(services), services };
}

/** The directors that stand in for each other, or serve beside each other, have one service together. */
function groups(declared: readonly DeclaredService[], failovers: Failovers): DeclaredService[][] {
  const found = new Map<string, DeclaredService[]>();
  for (const service of declared) {
    const key = JSON.stringify([failovers.of(service) ?? service.director, service.key]);
    found.set(key, [...(found.get(key) ?? []), service]);
  }
  // The state has everything in the order in which it came to be, and each `up` and preview in another one.
  return [...found.values()]
    .map((group) => group.sort((one, other) => byName(one.director, other.director)))
    .sort(([one], [other]) => byName(nameOf(one), nameOf(other)));
}

function nameOf(service: DeclaredService | undefined): string {
  return `${service?.lines.join(" ")} ${service?.director}`;
}

const byName = new Intl.Collator("en", { numeric: true }).compare;

/** What the director says of the service; undefined where it was not asked or cannot be read, "none" where it has no such service. */
function seenBy(status: Status | undefined, { director, key }: DeclaredService): ServiceStatus | "none" | undefined {
  const host = status?.hosts.find((one) => one.host === director);
  if (!host || host.error !== undefined) return undefined;
  const isUnread = host.services.length === 0 && (host.unread ?? []).length > 0;
  return host.services.find(({ service }) => service === key) ?? (isUnread ? undefined : "none");
}

/** The gateways of hosts whose default route a program declares, by the hosts' names. */
function gatewaysOf(resources: readonly Resource[]): Map<string, string> {
  const routes = resources.filter(({ kind, inputs }) => kind === "Route" && inputs.to === "default" && inputs.via);
  return new Map(routes.map((route) => [hostOf(route)?.name ?? "", String(route.inputs.via)]));
}

/** Direct routing needs one network of the directors and the servers. With NAT the servers are behind their gateway. */
function networksOf(services: readonly DrawnService[]): DrawnNetwork[] {
  const taken = new Set<string>();
  const take = (title: string, hosts: readonly string[]) => {
    const own = [...new Set(hosts)].filter((host) => !taken.has(host));
    for (const host of own) taken.add(host);
    return own.length > 0 ? [{ title, hosts: own }] : [];
  };
  return services.flatMap(({ directors, ways }) => {
    const shared = ways.filter(({ forwarding }) => forwarding === "dr").map(({ server }) => server);
    const gateways = [...new Set(ways.flatMap(({ gateway }) => gateway ?? []))];
    return [
      ...(shared.length > 0 ? take("one network", [...directors.map(({ host }) => host), ...shared]) : []),
      ...gateways.flatMap((gateway) => {
        const behind = ways.filter((way) => way.gateway === gateway).map(({ server }) => server);
        return take(`behind ${gateway}`, behind);
      }),
    ];
  });
}

function drawnHosts(state: StackState, services: readonly DrawnService[], status?: Status): DrawnHost[] {
  const lost = new Set(status?.hosts.flatMap(({ host, error }) => (error === undefined ? [] : [host])));
  const unread = new Set(status?.hosts.flatMap((one) => (one.unread?.length ? [one.host] : [])));
  const known = [...hostsOf(state).values()].map(({ name, address }) => ({
    name,
    // A host that is reached by its name has no other address, or gets it later.
    address: address === name ? "" : address,
    isLost: lost.has(name),
    isUnread: unread.has(name),
  }));
  const servers = new Set(services.flatMap(({ ways }) => ways.map(({ server }) => server)));
  const others = [...servers].filter((server) => !known.some(({ name }) => name === server));
  const all = [...known, ...others.map((address) => ({ name: address, address: "", isLost: false, isUnread: false }))];
  // Graphviz draws the ways of answers beside those of requests where the directors stand last.
  const directing = new Set(services.flatMap(({ directors }) => directors.map(({ host }) => host)));
  const isLast = ({ name }: DrawnHost) => Number(directing.has(name));
  return all.sort((one, other) => isLast(one) - isLast(other) || byName(one.name, other.name));
}
