import {
  familyOf,
  familyOfMatch,
  isAddress,
  isWithin,
  type Match,
  matchKey,
  PORT,
  type Problem,
  parseHostPort,
  whyNoAddress,
} from "pulumi-lvs-provider/model";
import {
  lastServerProblems,
  REAL_SERVER_NAME,
  realServerProblems,
  SERVICE_NAME,
  schedulingProblems,
} from "../arguments/checked-services";
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
    globals.maintenanceDirectory?.startsWith("/") === false && {
      property: "globals.maintenanceDirectory",
      reason: 'does not begin with a slash: write it like "/etc/ha.d/maintenance"',
    },
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
    ...lastServerProblems(match, virtual.fallback, "dr", (name, reason) =>
      reason ? [say(`fallback.${name}`, reason)] : [],
    ),
    ...checks(match, virtual, say),
    ...schedulingProblems(match, virtual, (property, reason) => (reason ? [say(property, reason)] : [])),
    virtual.persistence?.engine !== undefined &&
      say("persistence.engine", "ldirectord cannot express it: declare this service as a VirtualService"),
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
  return SERVICE_NAME;
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
      first !== undefined && {
        property: `virtuals[${JSON.stringify(key)}]`,
        reason: `is the same service as "${first}": leave one out`,
      }
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
      say("checkType", "give a number of connects for each negotiate, a whole one from 1 on"),
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
      say("receive", "simpletcp needs one, or ldirectord would compare with its last: give the text of a good answer"),
    httpMethod === "HEAD" &&
      receive !== undefined &&
      say("receive", "an answer to HEAD has no content to compare with: leave one of the two out"),
    (checkType === "external" || checkType === "external-perl") &&
      checkCommand === undefined &&
      say(
        "checkCommand",
        `the checkType "${checkType}" needs it: ldirectord's default, /bin/true, finds every server fit. Give the program`,
      ),
    ...["mysql", "pgsql", "oracle"].flatMap((name) => [
      service === name && request === undefined && say("request", `is missing: give a SELECT for ${name}`),
      service === name && virtual.database === undefined && say("database", `is missing: give a name for ${name}`),
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
    return `is not a regular expression, so give one: ${(error as Error).message}`;
  }
}

function realProblems(at: string, match: Match, name: string, real: Virtual["real"][string]): Problems {
  const pair = parseHostPort(name);
  if (!pair) return [{ property: at, reason: REAL_SERVER_NAME }];
  const say = (reason: string, property?: string): Problem => ({
    property: property ? `${at}.${property}` : at,
    reason,
  });
  const { forwarding, receive } = real;
  return [
    forwarding !== undefined &&
      !["nat", "dr", "tun"].includes(forwarding) &&
      say(`ldirectord knows "nat", "dr" and "tun" (IP in IP), not "${forwarding}": choose one`, "forwarding"),
    real.tunnel !== undefined &&
      real.tunnel.type !== "ipip" &&
      say("ldirectord knows IP in IP alone, neither gue nor gre: leave it out, or declare a VirtualService", "tunnel"),
    familyOf(pair.address) !== familyOfMatch(match) &&
      say("ldirectord cannot mix IPv4 and IPv6 in one service: declare one for each"),
    ...realServerProblems(match, pair, real, (property, reason) => (reason ? [say(reason, property)] : [])),
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
          reason: `give a whole number of ${name === "failureCount" ? "checks" : "seconds"} from ${least} on`,
        },
    ),
    checkPort !== undefined &&
      !isWithin(checkPort, PORT) && { property: `${at}.checkPort`, reason: "give a whole number from 1 to 65535" },
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
  return `has a ${JSON.stringify(bad)} in it: ${hint}. Leave it out`;
}

function fallbacks(at: string, args: object): Problems {
  return (["fallback", "fallback6"] as const).map((name) => {
    const server = (args as Record<string, { address?: string } | undefined>)[name];
    if (server?.address === undefined) return undefined;
    const property = `${at}.${name}.address`;
    if (!isAddress(server.address)) return { property, reason: `"${server.address}" ${whyNoAddress(server.address)}` };
    const [family, other] = name === "fallback" ? ["ipv4", "fallback6"] : ["ipv6", "fallback"];
    return (
      familyOf(server.address) !== family && { property, reason: `is of the other address family: call it ${other}` }
    );
  });
}
