import { hostOf, type Resource } from "pulumi-lvs-provider/operations";
import { hostsOf, type StackState, serverNames } from "./state";

/** A virtual service, as the program declares it. */
interface Declared {
  readonly director: string;
  /** What the service catches: "tcp 10.0.0.9:80", "mark 99". */
  readonly catches: string;
  readonly scheduler: string;
  readonly destinations: readonly { readonly address: string; readonly forwarding: string; readonly weight: number }[];
}

/**
 * The stack's sites as a flowchart of mermaid: the way of a request in full lines, the way of its answer in dotted ones. With
 * NAT an answer goes back through the director, with direct routing and tunnels it does not.
 */
export function mermaid(state: StackState): string {
  const services = state.resources.flatMap((resource) => [...fixed(resource), ...checked(resource)]);
  const names = serverNames(state);
  const hosts = hostsOf(state);
  const lines = ["flowchart LR", '  clients(["clients"])'];
  const said = new Set<string>();
  const say = (line: string) => {
    if (!said.has(line)) lines.push(`  ${line}`);
    said.add(line);
  };
  for (const { director, catches, scheduler, destinations } of services) {
    const service = id(director, catches);
    say(`${id(director)}["${director}<br/>${hosts.get(director)?.address ?? ""}"]`);
    say(`${service}{{"${catches}<br/>${scheduler}"}}`);
    say(`clients --> ${service}`);
    say(`${service} --- ${id(director)}`);
    for (const { address, forwarding, weight } of destinations) {
      const server = address.replace(/:\d+$/, "");
      say(`${id(server)}["${names.get(server) ?? ""}<br/>${server}"]`);
      say(`${id(director)} -- "${forwarding}, weight ${weight}" --> ${id(server)}`);
      say(`${id(server)} -. answer .-> ${forwarding === "nat" ? id(director) : "clients"}`);
      if (forwarding === "nat") say(`${id(director)} -. answer .-> clients`);
    }
  }
  return `${lines.join("\n")}\n`;
}

/** A name that mermaid takes for a node. */
function id(...words: readonly string[]): string {
  return `n_${words.join("_").replace(/\W/g, "_")}`;
}

interface ServiceInputs {
  readonly address?: string;
  readonly port?: number;
  readonly protocol?: string;
  readonly mark?: number;
  readonly scheduler?: string;
  readonly forwarding?: string;
  readonly destinations?: Readonly<Record<string, { readonly weight?: number; readonly forwarding?: string }>>;
}

function fixed(resource: Resource): Declared[] {
  if (resource.kind !== "VirtualService") return [];
  const { address, port, protocol, mark, ...rest } = resource.inputs as ServiceInputs;
  const at = address?.includes(":") ? `[${address}]` : address;
  return [service(resource, mark === undefined ? `${protocol ?? "tcp"} ${at}:${port}` : `mark ${mark}`, rest)];
}

function checked(resource: Resource): Declared[] {
  if (resource.kind !== "HealthChecks") return [];
  const services = (resource.inputs.services ?? {}) as Record<string, ServiceInputs>;
  return Object.entries(services).map(([key, it]) =>
    service(resource, /^\d+(\/|$)/.test(key) ? `mark ${key}` : `tcp ${key}`, it),
  );
}

function service(
  resource: Resource,
  catches: string,
  { scheduler, forwarding, destinations = {} }: ServiceInputs,
): Declared {
  return {
    director: hostOf(resource)?.name ?? "",
    catches,
    scheduler: scheduler ?? "",
    destinations: Object.entries(destinations).map(([address, to]) => ({
      address,
      forwarding: to.forwarding ?? forwarding ?? "dr",
      weight: to.weight ?? 1,
    })),
  };
}
