import type * as pulumi from "@pulumi/pulumi";
import {
  bracketed,
  type Forwarding,
  familyOfMatch,
  type HostPort,
  hostPort,
  type Match,
  normalAddress,
  parseHostPort,
} from "pulumi-lvs-provider/model";
import { ArgumentError } from "../arguments/argument-error";
import type { FallbackArgs, LdirectordCommonArgs, LdirectordGlobalArgs } from "./global-args";
import { parseLdirectordMatch } from "./match";
import type { LdirectordVirtualArgs } from "./virtual-args";

/** Everything that ldirectord.cf is made from. */
export interface LdirectordConfiguration {
  readonly globals: pulumi.Unwrap<LdirectordGlobalArgs>;
  /** The virtual services, by match. */
  readonly virtuals: Readonly<Record<string, Virtual>>;
}

type Virtual = pulumi.Unwrap<LdirectordVirtualArgs>;
type Common = pulumi.Unwrap<LdirectordCommonArgs>;
type Fallback = pulumi.Unwrap<FallbackArgs>;

const METHODS: Readonly<Record<Forwarding, string>> = { nat: "masq", dr: "gate", tun: "ipip" };

/**
 * The options with their defaults. They are always written out, because ldirectord's manual and its code disagree on
 * some defaults.
 */
export function withDefaults(globals: LdirectordConfiguration["globals"]) {
  const checkTimeout = globals.checkTimeout ?? 5;
  return {
    checkInterval: 10,
    failureCount: 1,
    quiescent: false,
    readdQuiescent: true,
    cleanStop: false,
    fork: false,
    negotiateTimeout: checkTimeout,
    ...globals,
    checkTimeout,
  };
}

/** The text of ldirectord.cf. */
export function renderLdirectord({ globals, virtuals }: LdirectordConfiguration): string {
  return [
    "# Written by pulumi-lvs: changes by hand are put back.",
    ...settings(globalSettings(globals)),
    ...Object.entries(virtuals).flatMap(([key, virtual]) => block(key, virtual)),
    "",
  ].join("\n");
}

type Setting = [name: string, value: string | number | boolean | undefined];

function settings(list: readonly Setting[]): string[] {
  return list
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => line(`${name}=${typeof value === "boolean" ? (value ? "yes" : "no") : value}`));
}

/** One line of the file. ldirectord has no escape for the end of a line, nor for the beginning of a comment. */
function line(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is meant
  if (!/[#\x00-\x1f\x7f]|\p{Surrogate}/u.test(text)) return text;
  const [name = ""] = text.split("=");
  throw new ArgumentError("ldirectord.cf", [
    { property: name, reason: "has a # or a control character in it: leave it out" },
  ]);
}

/**
 * ldirectord's parser demands quotes around these values. Around other values it takes the quotes for part of the
 * value.
 */
function quoted(value: string | undefined): string | undefined {
  return value === undefined ? undefined : `"${value}"`;
}

function globalSettings(given: LdirectordConfiguration["globals"]): Setting[] {
  const globals = withDefaults(given);
  return [
    ...common(globals),
    ["fallback", globals.fallback && fallback(globals.fallback)],
    ["fallback6", globals.fallback6 && fallback(globals.fallback6)],
    ["fallbackcommand", globals.fallbackCommand],
    ["readdquiescent", globals.readdQuiescent],
    ["fork", globals.fork],
    ["autoreload", false],
    ["callback", quoted(globals.callback)],
    ["logfile", quoted(globals.logFile)],
    ["emailalertfrom", globals.emailAlertFrom],
    ["maintenancedir", globals.maintenanceDirectory],
  ];
}

function common(args: Common): Setting[] {
  return [
    ["checktimeout", args.checkTimeout],
    ["negotiatetimeout", args.negotiateTimeout],
    ["checkinterval", args.checkInterval],
    ["failurecount", args.failureCount],
    ["quiescent", args.quiescent],
    ["cleanstop", args.cleanStop],
    ["emailalert", args.emailAlert?.join(", ")],
    ["emailalertfreq", args.emailAlertFrequency],
    ["emailalertstatus", args.emailAlertStatus?.join(",")],
    ["smtp", args.smtp],
  ];
}

function fallback({ address: spelled, port, forwarding = "dr" }: Fallback): string {
  const address = normalAddress(spelled);
  return `${port === undefined ? bracketed(address) : hostPort(address, port)} ${METHODS[forwarding]}`;
}

function block(key: string, virtual: Virtual): string[] {
  const match = parseLdirectordMatch(key) as Match;
  const six = sixth(match);
  const what = "mark" in match ? match.mark : hostPort(match.address, match.port);
  return ["", `virtual${six}=${what}`, ...settings(virtualSettings(match, virtual)).map((line) => `    ${line}`)];
}

/** The directives of IPv6 have names of their own: virtual6, real6, fallback6. */
function sixth(match: Match): string {
  return familyOfMatch(match) === "ipv6" ? "6" : "";
}

function virtualSettings(match: Match, virtual: Virtual): Setting[] {
  const six = sixth(match);
  const { persistence } = virtual;
  return [
    ...Object.entries(virtual.real).map(([key, real]): Setting => [`real${six}`, realLine(key, real, virtual)]),
    ["protocol", "mark" in match ? "fwm" : match.protocol],
    ["scheduler", virtual.scheduler ?? "wrr"],
    ["schedflags", virtual.schedulerFlags?.length ? virtual.schedulerFlags.join(",") : undefined],
    ["persistent", persistence && (persistence.timeout ?? 300)],
    ["netmask", persistence?.mask],
    ["ops", virtual.onePacket],
    ["checktype", virtual.checkType ?? "negotiate"],
    ["service", virtual.service],
    ["checkport", virtual.checkPort],
    ["request", quoted(virtual.request)],
    ["receive", quoted(virtual.receive)],
    ["httpmethod", virtual.httpMethod],
    ["virtualhost", quoted(virtual.virtualHost)],
    ["login", quoted(virtual.login)],
    ["passwd", quoted(virtual.password)],
    ["database", quoted(virtual.database)],
    ["secret", quoted(virtual.secret)],
    ["checkcommand", quoted(virtual.checkCommand)],
    ...common(virtual),
    [`fallback${six}`, virtual.fallback && fallback(virtual.fallback)],
    ["fallbackcommand", quoted(virtual.fallbackCommand)],
    ["monitorfile", quoted(virtual.monitorFile)],
    ["servicename", virtual.serviceName],
    ["comment", virtual.comment],
  ];
}

function realLine(key: string, real: Virtual["real"][string], virtual: Virtual): string {
  const { address, port } = parseHostPort(key) as HostPort;
  const { request, receive, lowerThreshold, upperThreshold } = real;
  // request and receive stand together or not at all: the parser refuses one alone.
  const own = request !== undefined || receive !== undefined;
  const pair = `"${request ?? virtual.request ?? "/"}", "${receive ?? virtual.receive ?? ""}"`;
  return [
    hostPort(address, port),
    METHODS[real.forwarding],
    real.weight ?? 1,
    ...(own ? [pair] : []),
    ...(lowerThreshold ? [`l:${lowerThreshold}`] : []),
    ...(upperThreshold ? [`u:${upperThreshold}`] : []),
  ].join(" ");
}
