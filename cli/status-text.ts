import { counted } from "pulumi-lvs-provider/model";
import {
  type AnnouncementStatus,
  type DestinationStatus,
  type Difference,
  type HostStatus,
  type InstanceStatus,
  isFit,
  isHeard,
  type ServiceStatus,
  type Status,
} from "pulumi-lvs-provider/operations";
import { destinationTable, noteText } from "./status-table";

/** How a status is shown. */
export interface Showing {
  /** How the rate of a destination was lately: a column with these. None where nothing was seen before. */
  readonly trend?: (host: HostStatus, service: ServiceStatus, destination: DestinationStatus) => string;
  /** The columns of the screen. Default: as many as the lines have. */
  readonly width?: number;
}

/** The status as lines, and in the last one as a whole. */
export function statusText(status: Status, names: ReadonlyMap<string, string>): string {
  return `${statusLines(status, names)}${verdict(status)}\n`;
}

/** The status as lines. */
export function statusLines(status: Status, names: ReadonlyMap<string, string>, how: Showing = {}): string {
  const { hosts } = status;
  const tables = hosts.filter(directs).map((one) => directorText(one, names, how));
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
  ].join("");
}

function directorText(status: HostStatus, names: ReadonlyMap<string, string>, { trend, width }: Showing): string {
  const { host, address, services, instances, announcements = [] } = status;
  const within = width === undefined ? undefined : width - 2 * INDENT.length;
  return [
    `${host} (${address})\n`,
    ...instances.map((one) => indented(`${instanceText(one)}\n`)),
    ...announcements.map((one) => indented(`${announcementText(one)}\n`)),
    ...services.map((service) => {
      const lately = trend && ((one: DestinationStatus) => trend(status, service, one));
      const table = destinationTable(service, names, { lately, width: within });
      return indented(`${service.service}  ${serviceText(service)}\n${indented(table)}`);
    }),
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
  const unreadable = hosts.filter(({ unread = [] }) => unread.length > 0).map(({ host }) => host);
  const astray = failovers.flatMap(({ addresses, wrong }) => (wrong === undefined ? [] : addresses));
  const directors = [
    astray.length > 0 ? `; not on one director: ${astray.join(", ")}` : "",
    unfit.length > 0 ? `; cannot take over: ${unfit.join(", ")}` : "",
    given.length > 0 ? `; given up: ${given.join(", ")}` : "",
    unheard.length > 0 ? `; heard by no router: ${unheard.join(", ")}` : "",
    unreadable.length > 0 ? `; not readable: ${unreadable.join(", ")}` : "",
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

/** How the service chooses, and what is marked for it. */
export function serviceText({ declared, scheduler, flags, onePacket, marked, ...kept }: ServiceStatus): string {
  const chooses = [scheduler, ...(flags ?? []), onePacket && "one packet at a time", persistenceText(kept)];
  const what = [...chooses, marked && `marks ${marked.join(" and ")}`, !declared && "not of this stack"];
  return what.filter(Boolean).join(", ");
}

function persistenceText(kept: Pick<ServiceStatus, "persistence" | "persistenceMask" | "persistenceEngine">) {
  const { persistence, persistenceMask: mask, persistenceEngine: engine } = kept;
  return persistence && `persistent ${persistence} s${mask ? ` by ${mask}` : ""}${engine ? ` (${engine})` : ""}`;
}

/** A difference as a sentence. */
export function differenceText({ kind, name, property, declared, seen }: Difference): string {
  if (property === "") return `${kind} ${name} is not there, or not whole`;
  if (declared === undefined && seen === undefined) return `${kind} ${name}: ${property} is another one`;
  return `${kind} ${name}: ${property} is ${JSON.stringify(seen) ?? "not there"}, declared ${JSON.stringify(declared)}`;
}

const INDENT = "  ";

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, INDENT);
}
