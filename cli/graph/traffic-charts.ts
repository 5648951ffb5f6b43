import type { Resource } from "pulumi-lvs-provider/operations";
import type { StackState } from "../state";
import { type Html, html } from "./html";

/** What each `TrafficCheck` saw when it ran last: which server answered how many requests. */
export function trafficCharts({ resources }: StackState): Html[] {
  return resources.filter(({ kind }) => kind === "TrafficCheck").map(trafficChart);
}

function trafficChart({ name, inputs, state }: Resource): Html {
  const answers = (state.distribution ?? {}) as Record<string, number>;
  const { servers = {} } = (inputs.expect ?? {}) as { servers?: Record<string, number> };
  const failed = Number(state.failed ?? 0);
  const total = Object.values(answers).reduce((sum, one) => sum + one, failed);
  const weights = Object.values(servers).reduce((sum, one) => sum + one, 0);
  const expected = (server: string) => (weights > 0 ? share(servers[server] ?? 0, weights) : undefined);
  const rows = [...new Set([...Object.keys(answers), ...Object.keys(servers)])].sort().map((server) => {
    return bar(server, answers[server] ?? 0, total, expected(server));
  });
  return html`<section>
<h2>${name} <span class="faint">${[inputs.url].flat().join(" ")}</span></h2>
<table>
<caption class="faint">Which server answered, when the check ran last</caption>
<thead><tr><th>server</th><th></th><th>requests</th><th>share</th>${weights > 0 ? html`<th>expected</th>` : undefined}</tr></thead>
<tbody>
${rows}
${failed > 0 ? bar("no answer", failed, total, weights > 0 ? "" : undefined) : undefined}
</tbody>
</table>
</section>
`;
}

/** The browser draws the bar by itself. */
function bar(server: string, answers: number, total: number, expected: string | undefined): Html {
  return html`<tr><th>${server}</th><td><meter min="0" max="${Math.max(1, total)}" value="${answers}"></meter></td>
<td class="figure">${answers}</td><td class="figure">${share(answers, total)}</td>
${expected === undefined ? undefined : html`<td class="figure">${expected}</td>`}</tr>
`;
}

function share(part: number, all: number): string {
  return all > 0 ? `${Math.round((100 * part) / all)} %` : "";
}
