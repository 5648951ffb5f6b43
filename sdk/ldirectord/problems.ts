import {
  familyOf,
  familyOfMatch,
  isAddress,
  isClientMask,
  isWithin,
  schedulerFlags as knownFlags,
  type Match,
  matchKey,
  PERSISTENCE,
  PORT,
  type Problem,
  parseHostPort,
  schedulers,
  WEIGHT,
} from "pulumi-lvs-provider/model";
import { checkServices } from "./check-args";
import type { LdirectordConfiguration } from "./config";
import { parseLdirectordMatch, serviceOfPort } from "./match";

type Virtual = LdirectordConfiguration["virtuals"][string];
type Problems = (Problem | undefined | false | "")[];

/** Everything that ldirectord cannot express, or would misread, or would accept without doing it. */
export function ldirectordProblems({ globals, virtuals }: LdirectordConfiguration): Problem[] {
  return [
    ...numbers("globals", globals),
    ...texts("globals", globals),
    ...fallbacks("globals", globals),
    ...duplicates(virtuals),
    ...Object.entries(virtuals).flatMap(([key, virtual]) => virtualProblems(key, virtual, globals)),
  ].filter((problem): problem is Problem => Boolean(problem));
}

function virtualProblems(key: string, virtual: Virtual, globals: LdirectordConfiguration["globals"]): Problems {
  const at = `virtuals[${JSON.stringify(key)}]`;
  const match = parseLdirectordMatch(key);
  if (!match) return [{ property: at, reason: malformed(key) }];
  const say = (property: string, reason: string): Problem => ({ property: `${at}.${property}`, reason });
  return [
    ...numbers(at, virtual),
    ...texts(at, virtual),
    ...fallbacks(at, virtual),
    ...checks(match, virtual, say),
    ...scheduling(match, virtual, say),
    ...Object.entries(virtual.real).flatMap(([name, real]) =>
      realProblems(`${at}.real[${JSON.stringify(name)}]`, match, name, real),
    ),
    "mark" in match &&
      (match.family === "ipv6" ? globals.fallback6 : globals.fallback) &&
      !virtual.fallback &&
      say(
        "fallback",
        "ldirectord fails with a fallback for all services where one matches a mark: declare its own here",
      ),
    virtual.checkInterval !== undefined &&
      globals.fork !== true &&
      say("checkInterval", "ldirectord ignores it for one service unless globals.fork is true. Set it in globals"),
  ];
}

function malformed(key: string): string {
  if (key.endsWith("/sctp")) return "ldirectord has no SCTP: declare this service as a VirtualService";
  return 'a service is called like "172.17.111.111:80", "172.17.111.111:53/udp", or a mark: "99", for IPv6 "99/ipv6"';
}

function duplicates(virtuals: LdirectordConfiguration["virtuals"]): Problems {
  const names = new Map<string, string>();
  return Object.keys(virtuals).map((key) => {
    const match = parseLdirectordMatch(key);
    if (!match) return undefined;
    const name = matchKey(match);
    const first = names.get(name);
    names.set(name, first ?? key);
    return (
      first !== undefined && { property: `virtuals[${JSON.stringify(key)}]`, reason: `the same service as "${first}"` }
    );
  });
}

const NEGOTIATES = (checkType: unknown) =>
  checkType === undefined || checkType === "negotiate" || typeof checkType === "number";

function checks(match: Match, virtual: Virtual, say: (property: string, reason: string) => Problem): Problems {
  const { checkType, receive, request, checkCommand, httpMethod } = virtual;
  const service = virtual.service ?? ("mark" in match ? "none" : serviceOfPort(match.port));
  const silent = NEGOTIATES(checkType) && service === "none" && virtual.service === undefined;
  return [
    typeof checkType === "number" &&
      (checkType < 1 || !Number.isInteger(checkType)) &&
      say("checkType", "a number of connects for each negotiate is a whole number from 1 on"),
    virtual.service !== undefined &&
      !checkServices.includes(virtual.service) &&
      say("service", `ldirectord has no service "${virtual.service}". Choose one of ${checkServices.join(", ")}`),
    silent &&
      say(
        "service",
        `ldirectord does not know what is served on ${"mark" in match ? "a mark" : `port ${match.port}`}, and would count every ` +
          'server as fit. Say it, or choose the checkType "connect"',
      ),
    receive !== undefined && badExpression(receive) !== undefined && say("receive", badExpression(receive) as string),
    service === "simpletcp" &&
      !receive &&
      say("receive", "simpletcp needs one: ldirectord would compare with its last"),
    httpMethod === "HEAD" &&
      receive !== undefined &&
      say("receive", "an answer to HEAD has no content to compare with"),
    (checkType === "external" || checkType === "external-perl") &&
      checkCommand === undefined &&
      say(
        "checkCommand",
        `the checkType "${checkType}" needs it: ldirectord's default, /bin/true, finds every server fit`,
      ),
    ...["mysql", "pgsql", "oracle"].flatMap((name) => [
      service === name && request === undefined && say("request", `a SELECT is needed for ${name}`),
      service === name && virtual.database === undefined && say("database", `needed for ${name}`),
    ]),
  ];
}

/**
 * The problem of a regular expression. Perl compiles the expression on the host before it goes live. This check finds
 * most mistakes earlier.
 */
function badExpression(text: string): string | undefined {
  try {
    // JavaScript has neither Perl's flags at the beginning nor Perl's anchors.
    new RegExp(text.replace(/^\(\?[a-z^-]+\)/, "").replace(/\\[AzZ]/g, ""));
    return undefined;
  } catch (error) {
    return `is not a regular expression: ${(error as Error).message}`;
  }
}

function scheduling(match: Match, virtual: Virtual, say: (property: string, reason: string) => Problem): Problems {
  const { scheduler, persistence, onePacket, schedulerFlags = [] } = virtual;
  const timeout = persistence?.timeout;
  const mask = persistence?.mask;
  return [
    scheduler !== undefined &&
      !schedulers.includes(scheduler) &&
      say("scheduler", `IPVS has no scheduler "${scheduler}". Choose one of ${schedulers.join(", ")}`),
    ...schedulerFlags
      .filter((flag) => !(knownFlags as readonly string[]).includes(flag))
      .map((flag) => say("schedulerFlags", `"${flag}" is not a flag of a scheduler (ipvsadm(8), --sched-flags)`)),
    timeout !== undefined &&
      !isWithin(timeout, PERSISTENCE) &&
      say("persistence.timeout", "1 s to 31 days: give seconds, 1 to 2678400"),
    mask !== undefined &&
      !isClientMask(familyOfMatch(match), mask) &&
      say("persistence.mask", "a netmask for IPv4 (not 0.0.0.0), a prefix length from 1 to 128 for IPv6"),
    onePacket === true &&
      !("protocol" in match && match.protocol === "udp") &&
      say("onePacket", "one-packet scheduling is for UDP"),
    persistence?.engine !== undefined &&
      say("persistence.engine", "ldirectord cannot express it: declare this service as a VirtualService"),
  ];
}

function realProblems(at: string, match: Match, name: string, real: Virtual["real"][string]): Problems {
  const pair = parseHostPort(name);
  if (!pair) return [{ property: at, reason: 'a real server is "172.17.111.222:80", IPv6 "[2001:db8::2]:80"' }];
  const say = (reason: string, property?: string): Problem => ({
    property: property ? `${at}.${property}` : at,
    reason,
  });
  const { forwarding, weight, lowerThreshold = 0, upperThreshold = 0, receive } = real;
  const service = "mark" in match ? undefined : match;
  return [
    forwarding !== undefined &&
      !["nat", "dr", "tun"].includes(forwarding) &&
      say(`ldirectord knows "nat", "dr" and "tun" (IP in IP), not "${forwarding}"`, "forwarding"),
    real.tunnel !== undefined &&
      real.tunnel.type !== "ipip" &&
      say("ldirectord knows IP in IP alone, neither gue nor gre", "tunnel"),
    familyOf(pair.address) !== familyOfMatch(match) && say("ldirectord cannot mix IPv4 and IPv6 in one service"),
    service && pair.port === 0 && say("port 0 is for marks alone"),
    service && pair.address === service.address && say("a real server cannot have the VIP as its own address"),
    service &&
      (forwarding === "dr" || forwarding === "tun") &&
      pair.port !== service.port &&
      say(`"${forwarding}" cannot change the port: the real server listens on the service's ${service.port}`),
    weight !== undefined && !isWithin(weight, WEIGHT) && say("a whole number from 0 to 65535", "weight"),
    lowerThreshold > upperThreshold && say("lowerThreshold is above upperThreshold", "lowerThreshold"),
    ...(["request", "receive"] as const).map(
      (property) => badText(real[property], '"') && say(badText(real[property], '"') as string, property),
    ),
    receive !== undefined && badExpression(receive) !== undefined && say(badExpression(receive) as string, "receive"),
  ];
}

const NUMBERS = { checkTimeout: 1, negotiateTimeout: 1, checkInterval: 1, failureCount: 1, emailAlertFrequency: 0 };

function numbers(at: string, args: object): Problems {
  const given = args as Record<string, unknown>;
  const { checkPort } = given;
  return [
    ...Object.entries(NUMBERS).map(
      ([name, least]) =>
        given[name] !== undefined &&
        !isWithin(given[name], { least, most: 2 ** 31 - 1 }) && {
          property: `${at}.${name}`,
          reason: `a whole number of ${name === "failureCount" ? "checks" : "seconds"} from ${least} on`,
        },
    ),
    checkPort !== undefined &&
      !isWithin(checkPort, PORT) && { property: `${at}.checkPort`, reason: "a whole number from 1 to 65535" },
  ];
}

/**
 * The problems of texts within a virtual service: there "#" begins a comment anywhere, and a tab becomes four blanks.
 */
function texts(at: string, args: object): Problems {
  const values = Object.entries(args).flatMap(([name, value]) => [value].flat().map((text) => [name, text] as const));
  return values.map(([name, text]) => {
    if (typeof text !== "string") return undefined;
    const quotes = name === "virtualHost" || name === "callback" || name === "logFile" ? '"' : "";
    const reason = text === "" ? "is empty: leave it out" : badText(text, quotes);
    return reason === undefined ? undefined : { property: `${at}.${name}`, reason };
  });
}

function badText(text: string | undefined, more = ""): string | undefined {
  if (text === undefined) return undefined;
  const bad = [..."#\n\r\t\0", ...more].find((character) => text.includes(character));
  if (bad === undefined) return undefined;
  const hint = bad === "#" ? "ldirectord takes it for the beginning of a comment" : "ldirectord cannot read it back";
  return `has a ${JSON.stringify(bad)} in it: ${hint}`;
}

function fallbacks(at: string, args: object): Problems {
  return (["fallback", "fallback6"] as const).map((name) => {
    const server = (args as Record<string, { address?: string } | undefined>)[name];
    if (server?.address === undefined || isAddress(server.address)) return undefined;
    return { property: `${at}.${name}.address`, reason: `"${server.address}" is not an IPv4 or IPv6 address` };
  });
}
