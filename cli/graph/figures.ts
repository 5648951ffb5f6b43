import type { DestinationStatus, ServiceStatus, Status } from "pulumi-lvs-provider/operations";
import { type StackState, serverNames, serverOf } from "../state";
import { conditionText, forwardingText, weightText } from "../status-table";
import {
  announcementText,
  differenceText,
  directs,
  instanceText,
  isOut,
  notOnOne,
  serviceText,
  unclear,
} from "../status-text";
import { type Html, html } from "./html";

/** The directors' tables, as `status` shows them. */
export function directorTables(state: StackState, status: Status): Html[] {
  const names = serverNames(state, status);
  return status.hosts.filter(directs).map(
    (director) => html`<section>
<h2>${director.host} <span class="faint">${director.address}</span></h2>
${director.instances.map((one) => html`<p>${instanceText(one)}</p>`)}
${(director.announcements ?? []).map((one) => html`<p>${announcementText(one)}</p>`)}
${director.services.map((service) => serviceTable(service, names))}
</section>
`,
  );
}

const TITLES = [
  "server",
  "destination",
  "forwarding",
  "weight",
  "open",
  "others",
  "conn/s",
  "in B/s",
  "out B/s",
  "state",
];

function serviceTable(service: ServiceStatus, names: ReadonlyMap<string, string>): Html {
  return html`<table>
<caption>${service.service} <span class="faint">${serviceText(service)}</span></caption>
<thead><tr>${TITLES.map((title) => html`<th>${title}</th>`)}</tr></thead>
<tbody>
${service.destinations.map((one) => row(one, names))}
</tbody>
</table>
`;
}

function row(one: DestinationStatus, names: ReadonlyMap<string, string>): Html {
  const { destination, open, others, rate } = one;
  const figures = [open, others, rate.connections, rate.bytesIn, rate.bytesOut];
  return html`<tr${isOut(one) ? html` class="wrong"` : undefined}><th>${names.get(serverOf(destination))}</th>
<td>${destination}</td><td>${forwardingText(one)}</td><td class="figure">${weightText(one)}</td>
${figures.map((figure) => html`<td class="figure">${figure.toLocaleString("en")}</td>`)}
<td>${conditionText(one)}</td></tr>
`;
}

/** Which hosts were not reached, and what is not as declared. */
export function wrongLists(status: Status): Html[] {
  const { hosts } = status;
  const lost = hosts.flatMap(({ error }) => (error === undefined ? [] : [error]));
  const differ = hosts.flatMap(({ host, differences }) => differences.map((one) => `${host}: ${differenceText(one)}`));
  return [
    ...list("Not reached", lost),
    ...list("Not on one director", notOnOne(status)),
    ...list("Not clear", unclear(status)),
    ...list("Not as declared", differ),
  ];
}

function list(title: string, all: readonly string[]): Html[] {
  if (all.length === 0) return [];
  return [
    html`<section class="wrong">
<h2>${title}</h2>
<ul>${all.map((one) => html`<li>${one}</li>`)}</ul>
</section>
`,
  ];
}
