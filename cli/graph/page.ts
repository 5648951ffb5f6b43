import type { Status } from "pulumi-lvs-provider/operations";
import type { StackState } from "../state";
import { isWell, verdict } from "../status-text";
import { directorTables, wrongLists } from "./figures";
import { Html, html } from "./html";
import { STYLE } from "./style";
import { svg } from "./svg";
import { topologyOf } from "./topology";
import { trafficCharts } from "./traffic-charts";

/** When the hosts were asked, and how often the page is made anew. */
export interface Moment {
  readonly at: Date;
  /** Seconds. Without it the page stays as it is. */
  readonly every?: number;
}

/** One page with the picture and the figures of a stack. The page has no scripts, and fetches nothing. */
export async function page(state: StackState, status: Status, { at, every }: Moment): Promise<string> {
  const title = `${state.stack ?? "A stack"}: Linux Virtual Server`;
  // Graphviz has escaped the texts in the picture.
  const picture = new Html(await svg(topologyOf(state, status)));
  const refresh = every === undefined ? undefined : html`<meta http-equiv="refresh" content="${every}">`;
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
${refresh}
<title>${title}</title>
${STYLE}
</head>
<body>
<h1>${title}</h1>
<p class="${isWell(status) ? "well" : "wrong"}">${verdict(status)}</p>
<p class="faint">As the hosts said at <time>${at.toISOString()}</time>. ${every && `A new look every ${every} s.`}</p>
<figure>${picture}</figure>
${directorTables(state, status)}
${wrongLists(status)}
${trafficCharts(state)}
</body>
</html>
`.source;
}
