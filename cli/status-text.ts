import { counted } from "pulumi-lvs-provider/model";
import {
  type AnnouncementStatus,
  type DestinationStatus,
  type Difference,
  type HostStatus,
  type InstanceStatus,
  isFit,
  isHeard,
  type OperatorNote,
  type ServiceStatus,
  type Status,
} from "pulumi-lvs-provider/operations";
import { serverOf } from "./state";
import { columns } from "./text";

/** How the rate of a destination was lately. */
export type TrendOf = (host: HostStatus, service: ServiceStatus, destination: DestinationStatus) => string;

/**
 * The status as lines.
 *
 * @param trend a column with these; none where nothing was seen before
 */
export function statusText(status: Status, names: ReadonlyMap<string, string>, trend?: TrendOf): string {
  const { hosts } = status;
  const tables = hosts.filter(directs).map((one) => tableText(one, names, trend));
  const failed = hosts.flatMap(({ error }) => (error === undefined ? [] : [`not reached: ${error}\n`]));
  const differ = hosts.flatMap(({ host, differences }) =>
    differences.map((one) => `  ${host}: ${differenceText(one)}\n`),
  );
  return [
    ...tables,
    ...failed,
    ...notOnOne(status).map((one) => `${one}\n`),
    ...unclear(status).map((one) => `${one}\n`),
    ...(differ.length > 0 ? ["not as declared:\n", ...differ] : []),
    `${verdict(status)}\n`,
  ].join("");
}

function tableText(status: HostStatus, names: ReadonlyMap<string, string>, trend: TrendOf | undefined): string {
  const { host, address, services, instances, announcements = [] } = status;
  return [
    `${host} (${address})\n`,
    ...instances.map((one) => indented(`${instanceText(one)}\n`)),
    ...announcements.map((one) => indented(`${announcementText(one)}\n`)),
    ...services.map((service) =>
      indented(serviceLines(service, names, trend && ((destination) => trend(status, service, destination)))),
    ),
  ].join("");
}

/** Whether the host has a table, or something that draws clients to it. */
export function directs({ services, instances, announcements = [] }: HostStatus): boolean {
  return services.length + instances.length + announcements.length > 0;
}

/**
 * What cannot be read, and who does not know what an operator has done. A director that has left the program never learns of it, and
 * the note stays for the case that it comes back.
 */
export function unclear({ hosts }: Status): string[] {
  const isHere = (name: string) => hosts.some(({ host }) => host === name);
  return [
    ...hosts.flatMap(({ unread = [] }) => unread.map((reason) => `not readable: ${reason}`)),
    ...hosts.flatMap(({ host, missed = [] }) =>
      missed
        .filter(({ directors }) => directors.some(isHere))
        .map(
          ({ address, directors, since }) =>
            `${directors.filter(isHere).join(", ")}: does not know what ${host} knows of ${address} since ${since}: ` +
            "the next drain, return or rollout that reaches it says so",
        ),
    ),
  ];
}

/** What floats, and is not on one director: why. */
export function notOnOne({ failovers = [] }: Status): string[] {
  return failovers.flatMap(({ instance, wrong }) => (wrong === undefined ? [] : [`${instance}: ${wrong}`]));
}

/**
 * Whether all is as declared and readable, nothing is out, no director is given up, unfit or announces to nobody, what floats
 * is on one director, and every host was reached.
 */
export function isWell(status: Status): boolean {
  const { hosts } = status;
  const isOut = (host: HostStatus) => outOf(host).length > 0 || isGivenUp(host) || isUnfit(host) || isUnheard(host);
  const isClear = unclear(status).length === 0 && notOnOne(status).length === 0;
  return isClear && hosts.every((host) => host.error === undefined && host.differences.length === 0 && !isOut(host));
}

function isGivenUp({ instances, announcements = [] }: HostStatus): boolean {
  return (
    instances.some(({ givenUp }) => givenUp !== undefined) ||
    announcements.some(({ withdrawn }) => withdrawn !== undefined)
  );
}

/** Whether the host could not take over something that floats, though nobody has given it up. */
function isUnfit({ instances }: HostStatus): boolean {
  return instances.some(({ state, givenUp }) => givenUp === undefined && !isFit(state));
}

/** Whether no router hears what the host announces. */
function isUnheard({ announcements = [] }: HostStatus): boolean {
  return announcements.some((one) => !one.withdrawn && (one.unfit !== undefined || !isHeard(one)));
}

/** The whole status in one line. */
export function verdict({ hosts, failovers = [] }: Status): string {
  const failed = hosts.filter(({ error }) => error !== undefined).length;
  const differences = hosts.reduce((sum, host) => sum + host.differences.length, 0);
  const out = hosts.reduce((sum, host) => sum + outOf(host).length, 0);
  const given = hosts.filter(isGivenUp).map(({ host }) => host);
  const unfit = hosts.filter(isUnfit).map(({ host }) => host);
  const unheard = hosts.filter(isUnheard).map(({ host }) => host);
  const astray = failovers.flatMap(({ addresses, wrong }) => (wrong === undefined ? [] : addresses));
  const directors = [
    astray.length > 0 ? `; not on one director: ${astray.join(", ")}` : "",
    unfit.length > 0 ? `; cannot take over: ${unfit.join(", ")}` : "",
    given.length > 0 ? `; given up: ${given.join(", ")}` : "",
    unheard.length > 0 ? `; heard by no router: ${unheard.join(", ")}` : "",
  ].join("");
  return `${counted(hosts.length, "host")}, ${failed} not reached; ${differences} not as declared; ${counted(out, "destination")} out${directors}`;
}

function outOf({ services }: HostStatus) {
  return services.flatMap(({ destinations }) => destinations.filter(isOut));
}

/** Whether the destination is out for maintenance, or fails its check. */
export function isOut({ out, health }: DestinationStatus): boolean {
  return out !== undefined || health === "down";
}

/** What an instance of VRRP says of itself. */
export function instanceText({ instance, state, since, givenUp }: InstanceStatus): string {
  const out = givenUp ? `, given up${noteText(givenUp)}` : "";
  return `${instance}  ${state}${since ? ` since ${since}` : ""}${out}`;
}

/** What a host announces, and how its sessions with the routers are. */
export function announcementText(one: AnnouncementStatus): string {
  const { announcement, sessions, withdrawn, unfit } = one;
  const out = withdrawn ? `withdrawn${noteText(withdrawn)}` : unfit && `withdrawn by itself${noteText(unfit)}`;
  const how = out ?? (isHeard(one) ? "announced" : "heard by no router");
  const told = Object.entries(sessions).map(
    ([router, { state, since }]) => `${router} ${state}${since ? ` since ${since}` : ""}`,
  );
  return `${announcement}  ${how}; ${told.join(", ") || "BIRD tells of no session"}`;
}

/** Since when something is out, why, and by whom. */
function noteText({ since, reason, by }: Partial<OperatorNote>): string {
  return `${since ? ` since ${since}` : ""}${reason ? `: ${reason}${by ? ` (${by})` : ""}` : ""}`;
}

/** How the service chooses, and what is marked for it. */
export function serviceText({ declared, scheduler, persistence, marked }: ServiceStatus): string {
  const kept = persistence && `persistent ${persistence} s`;
  const what = [scheduler, kept, marked && `marks ${marked.join(" and ")}`, !declared && "not of this stack"];
  return what.filter(Boolean).join(", ");
}

/** The weight now, and of a server that is out the weight that it gets back. */
export function weightText({ weight, out }: DestinationStatus): string {
  return out ? `${weight} of ${out.weight}` : String(weight);
}

/** What is with the destination: out since when, why and by whom, or its health. */
export function conditionText({ out, health }: DestinationStatus): string {
  return out ? `out${noteText(out)}` : (health ?? "");
}

const TITLES = ["SERVER", "DESTINATION", "FORWARD", "WEIGHT", "OPEN", "OTHERS", "CONN/S"];
const MORE_TITLES = ["IN B/S", "OUT B/S", "STATE"];

function serviceLines(
  service: ServiceStatus,
  names: ReadonlyMap<string, string>,
  trend: ((one: DestinationStatus) => string) | undefined,
): string {
  const rows = service.destinations.map((one) => {
    const { destination, forwarding, open, others, rate } = one;
    const server = names.get(serverOf(destination)) ?? "";
    return [
      ...[server, destination, forwarding, weightText(one), ...[open, others, rate.connections].map(String)],
      ...(trend ? [trend(one)] : []),
      ...[String(rate.bytesIn), String(rate.bytesOut), conditionText(one)],
    ];
  });
  const titles = [...TITLES, ...(trend ? ["LATELY"] : []), ...MORE_TITLES];
  return `${service.service}  ${serviceText(service)}\n${indented(columns(titles, rows))}`;
}

/** A difference as a sentence. */
export function differenceText({ kind, name, property, declared, seen }: Difference): string {
  if (property === "") return `${kind} ${name} is not there, or not whole`;
  if (declared === undefined && seen === undefined) return `${kind} ${name}: ${property} is another one`;
  return `${kind} ${name}: ${property} is ${JSON.stringify(seen) ?? "not there"}, declared ${JSON.stringify(declared)}`;
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}
