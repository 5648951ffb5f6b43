import { isIdle } from "./failovers";
import { shown } from "./shown";
import { hostLines, type Topology } from "./topology";
import { wayLines } from "./ways";

/** The topology as a flowchart of mermaid. The ways of answers are dotted. */
export function mermaid({ hosts, networks, services }: Topology): string {
  const ids = new Ids();
  const host = (name: string) => ids.of("host", name);
  const lines = ["flowchart LR", '  clients(["clients"])'];
  const said = new Set<string>();
  const say = (line: string) => {
    if (!said.has(line)) lines.push(`  ${line}`);
    said.add(line);
  };
  for (const one of hosts) say(`${host(one.name)}["${text(...hostLines(one))}"]`);
  for (const [i, { title, hosts: members }] of networks.entries())
    say(`subgraph network${i + 1} ["${text(title)}"]\n    ${members.map(host).join("\n    ")}\n  end`);
  for (const [i, service] of services.entries()) {
    const id = `service${i + 1}`;
    say(`${id}{{"${text(...service.lines)}"}}`);
    say(`clients --> ${id}`);
    for (const { host: director, says } of service.directors)
      say(`${id} ${isIdle(says) ? "-.-" : "-->"}${says ? `|"${says}"|` : ""} ${host(director)}`);
    for (const way of service.ways) {
      const { director, server, forwarding, isOpen, gateway } = way;
      const arrow = !isOpen ? "--x" : forwarding === "tun" ? "==>" : "-->";
      say(`${host(director)} ${arrow}|"${text(...wayLines(way))}"| ${host(server)}`);
      if (!isOpen) continue;
      const back = forwarding === "nat" ? host(director) : "clients";
      say(`${host(server)} -.->|"${gateway ? `answer by ${text(gateway)}` : "answer"}"| ${back}`);
      if (forwarding === "nat") say(`${host(director)} -.->|"answer"| clients`);
    }
  }
  return `${lines.join("\n")}\n`;
}

/** Lines of text in quotes. What means something to mermaid or to HTML there is written as its number. */
function text(...lines: readonly string[]): string {
  const escaped = lines.filter(Boolean).map((line) =>
    // Not the ASCII letters, digits and marks that are known to be harmless; all of Unicode's letters are.
    [...shown(line)].map((one) => (/[\p{L}\p{N} .,:/()[\]_-]/u.test(one) ? one : `#${one.codePointAt(0)};`)).join(""),
  );
  return escaped.join("<br/>");
}

/** Names for nodes: readable, and no two things have one. */
class Ids {
  readonly #ids = new Map<string, string>();

  of(kind: string, name: string): string {
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    const plain = `${kind}_${name.replace(/\W/g, "_")}`;
    const isFree = ![...this.#ids.values()].includes(plain);
    const id = isFree ? plain : `${plain}_${this.#ids.size}`;
    this.#ids.set(name, id);
    return id;
  }
}
