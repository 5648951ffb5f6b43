import { isIdle } from "./failovers";
import { shown } from "./shown";
import { type DrawnHost, type DrawnService, hostLines, type Topology } from "./topology";
import { type Way, wayLines } from "./ways";

type Graph = import("@viz-js/viz", { with: { "resolution-mode": "import" }}).Graph;
type Edge = NonNullable<Graph["edges"]>[number];
type Attributes = NonNullable<Edge["attributes"]>;

const COLOUR = { request: "#1f4e79", answer: "#2e7d32", closed: "#b3261e", faint: "#8a8f98", network: "#f4f6f9" };

/** The topology as a picture: SVG by Graphviz. It has no scripts, and fetches nothing. */
export async function svg(topology: Topology): Promise<string> {
  // Graphviz is a megabyte of WebAssembly. No other command pays for it.
  const { instance } = await import("@viz-js/viz");
  const drawn = (await instance()).renderString(graphOf(topology), { format: "svg" });
  // The comments and titles have names of nodes, which say nothing, and Graphviz's version, which would change the picture.
  const plain = drawn.replace(/<!--[\s\S]*?-->\n?/g, "").replace(/<title>[^<]*<\/title>\n?/g, "");
  return plain.slice(plain.indexOf("<svg")).replace(">", "><title>The ways of requests and of their answers</title>");
}

function graphOf({ hosts, networks, services }: Topology): Graph {
  const id = (name: string) => `h${hosts.findIndex((host) => host.name === name)}`;
  return {
    directed: true,
    graphAttributes: {
      ...{
        rankdir: "LR",
        ordering: "out",
        bgcolor: "white",
        pad: 0.2,
        nodesep: 0.4,
        ranksep: 1,
        fontname: "Helvetica",
      },
      ...{ label: "Solid: requests.  Dashed: answers.", labelloc: "b", fontsize: 10, fontcolor: COLOUR.faint },
    },
    nodeAttributes: {
      ...{ shape: "box", style: "rounded,filled", fillcolor: "white", color: COLOUR.request },
      ...{ fontname: "Helvetica", fontsize: 12, margin: "0.15,0.08" },
    },
    edgeAttributes: { fontname: "Helvetica", fontsize: 10, color: COLOUR.request },
    nodes: [
      { name: "clients", attributes: { label: "clients", shape: "ellipse" } },
      ...hosts.map((host) => ({ name: id(host.name), attributes: hostBox(host) })),
      ...services.map(({ lines }, i) => ({
        name: `s${i}`,
        attributes: { label: label(...lines), shape: "hexagon", style: "filled", fillcolor: "#e8f0fa" },
      })),
    ],
    subgraphs: networks.map(({ title, hosts: members }, i) => ({
      name: `cluster_${i}`,
      graphAttributes: {
        ...{ label: label(title), labelloc: "t", margin: 14, style: "rounded,filled", color: COLOUR.faint },
        ...{ fillcolor: COLOUR.network, fontsize: 10, fontcolor: "#4a4f57" },
      },
      nodes: members.map((name) => ({ name: id(name) })),
    })),
    edges: [...once(services.flatMap((service, i) => edgesOf(service, `s${i}`, id))), ...besides(hosts, services, id)],
  };
}

/** Hosts that no request goes to stand to the right of a server. */
function besides(hosts: readonly DrawnHost[], services: readonly DrawnService[], id: (name: string) => string): Edge[] {
  const servers = services.flatMap(({ ways }) => ways.map(({ server }) => server));
  const reached = [...servers, ...services.flatMap(({ directors }) => directors.map(({ host }) => host))];
  const others = servers.length > 0 ? hosts.filter(({ name }) => !reached.includes(name)) : [];
  return others.map(({ name }) => ({ tail: id(servers[0] ?? ""), head: id(name), attributes: { style: "invis" } }));
}

function hostBox(host: DrawnHost): Attributes {
  const lost = { color: COLOUR.closed, fontcolor: COLOUR.closed, style: "rounded,filled,dashed" };
  return { label: label(...hostLines(host)), ...((host.isLost || host.isUnread) && lost) };
}

function edgesOf({ directors, ways }: DrawnService, service: string, id: (name: string) => string): Edge[] {
  const standing = { style: "dotted", color: COLOUR.faint, fontcolor: COLOUR.faint };
  return [
    { tail: "clients", head: service },
    ...directors.map(({ host, says }) => ({
      ...{ tail: service, head: id(host) },
      attributes: { label: label(says ?? ""), ...(isIdle(says) && standing) },
    })),
    ...ways.flatMap((way) => {
      const { director, server, forwarding, isOpen, gateway } = way;
      const request = { tail: id(director), head: id(server), attributes: looks(way) };
      if (!isOpen) return [request];
      if (forwarding !== "nat") return [request, answer(id(server), "clients")];
      const back = gateway ? `by ${gateway}` : "";
      return [request, answer(id(server), id(director), back), answer(id(director), "clients")];
    }),
  ];
}

function looks(way: Way): Attributes {
  const says = label(...wayLines(way));
  if (!way.isOpen) return { label: says, color: COLOUR.closed, fontcolor: COLOUR.closed, arrowhead: "tee" };
  // A tunnel is drawn as one: two lines.
  return { label: says, ...(way.forwarding === "tun" && { color: `${COLOUR.request}:${COLOUR.request}` }) };
}

function answer(tail: string, head: string, says = ""): Edge {
  const looks = { style: "dashed", color: COLOUR.answer, fontcolor: COLOUR.answer };
  // Answers go from the right to the left, and move nothing.
  return { tail, head, attributes: { label: label(says), constraint: false, ...looks } };
}

/** An answer has one way, whichever services use it. */
function once(edges: readonly Edge[]): Edge[] {
  return [...new Map(edges.map((edge) => [JSON.stringify(edge), edge])).values()];
}

/** Lines of text. To Graphviz a backslash begins an escape, and an ampersand an entity of HTML. */
function label(...lines: readonly string[]): string {
  return lines
    .filter(Boolean)
    .map((line) => shown(line).replaceAll("\\", "\\\\").replaceAll("&", "&amp;"))
    .join("\n");
}
