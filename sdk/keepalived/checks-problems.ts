import {
  familyOf,
  familyOfMatch,
  isWithin,
  type Match,
  matchKey,
  PORT,
  type Problem,
  parseHostPort,
  parseMatchKey,
} from "pulumi-lvs-provider/model";
import {
  lastServerProblems,
  REAL_SERVER_NAME,
  realServerProblems,
  type Say,
  SERVICE_NAME,
  schedulingProblems,
} from "../arguments/checked-services";
import { problem } from "../arguments/problem";
import type { KeepalivedCheck } from "./checks-args";
import type { KeepalivedVirtual, KeepalivedVirtuals } from "./checks-config";
import { commandProblems, unwritable } from "./words";

/** Everything that keepalived cannot express, or would leave out and go on. */
export function checksProblems(virtuals: KeepalivedVirtuals): Problem[] {
  const names = new Map<string, string>();
  return Object.entries(virtuals).flatMap(([key, virtual]) => {
    const at = `virtuals[${JSON.stringify(key)}]`;
    const match = parseMatchKey(key);
    if (!match) return [{ property: at, reason: SERVICE_NAME }];
    if ("protocol" in match && match.protocol === "sctp") return [{ property: at, reason: NO_SCTP }];
    const first = names.get(matchKey(match));
    names.set(matchKey(match), first ?? key);
    if (first !== undefined) return [{ property: at, reason: `is the same service as "${first}": leave one out` }];
    const say: Say = (property, reason) => problem(`${at}.${property}`, reason);
    return [
      ...schedulingProblems(match, virtual, say),
      ...say(
        "persistence.engine",
        virtual.persistence?.engine !== undefined && "is not checked by anybody: declare a VirtualService",
      ),
      ...checking(match, virtual, say),
      ...quorum(match, virtual, say),
      ...Object.entries(virtual.real).flatMap(([name, real]) => realProblems(match, name, real, say)),
    ];
  });
}

const NO_SCTP = "is no service of TCP or UDP: declare it as a VirtualService";

const COUNT = { least: 0, most: 100 };
const CHECK_SECONDS = { least: 1, most: 3600 };
/** More would be milliseconds. */
const TIMEOUT_SECONDS = { least: 1, most: 300 };

function checking(match: Match, { check = { type: "tcp" }, interval, real }: KeepalivedVirtual, say: Say): Problem[] {
  const seconds = (value: number | undefined, range = CHECK_SECONDS) =>
    value !== undefined && !isWithin(value, range) && `is no time of checks: give whole seconds, 1 to ${range.most}`;
  const portless = Object.keys(real).some((name) => parseHostPort(name)?.port === 0);
  const port = check.type === "misc" ? undefined : check.port;
  return [
    ...say("interval", seconds(interval)),
    ...say("check.timeout", seconds(check.timeout, TIMEOUT_SECONDS)),
    ...say("check.retryDelay", seconds(check.retryDelay)),
    ...say(
      "check.retries",
      check.retries !== undefined && !isWithin(check.retries, COUNT) && "give a whole number, 0 to 100",
    ),
    ...say("check.port", port !== undefined && !isWithin(port, PORT) && "give a whole number from 1 to 65535"),
    ...say(
      "check.port",
      check.type !== "misc" &&
        port === undefined &&
        portless &&
        "is missing: the real servers of a mark have no port of their own. Say which port is checked",
    ),
    ...say(
      "check.type",
      check.type === "tcp" &&
        port === undefined &&
        "protocol" in match &&
        match.protocol === "udp" &&
        'a service of UDP is not there by TCP: say the port that is, or choose { type: "misc" }',
    ),
    ...words(check, say),
  ];
}

/** What keepalived takes as it is between quotes: no blank, and no sign of a comment, an escape or a variable. */
const TEXT = /^[%&'()*+,\-./:;=?_\w]+$/;

function words(check: KeepalivedCheck, say: Say): Problem[] {
  if (check.type === "misc") return commandProblems("check.command", check.command, say);
  if (check.type === "tcp") return [];
  const { path = "/", virtualHost, status } = check;
  return [
    ...say("check.path", !path.startsWith("/") && 'has no "/" at its beginning: write it like "/ok.html"'),
    ...Object.entries({ path, virtualHost }).flatMap(([name, text]) =>
      say(`check.${name}`, text !== undefined && !TEXT.test(text) && unwritable(text)),
    ),
    ...say(
      "check.status",
      status !== undefined && !isWithin(status, { least: 100, most: 599 }) && "give a status of HTTP, 100 to 599",
    ),
  ];
}

function quorum(match: Match, virtual: KeepalivedVirtual, say: Say): Problem[] {
  const { quorum: least = 1, hysteresis = 0, sorryServer, quorumUp, quorumDown, real } = virtual;
  const sum = Object.values(real).reduce((all, { weight = 1 }) => all + weight, 0);
  const [{ forwarding = "dr" } = {}] = Object.values(real);
  return [
    ...say("real", Object.keys(real).length === 0 && "is empty: give at least one real server"),
    ...say("quorum", !isWithin(least, { least: 1, most: 2 ** 31 - 1 }) && "give a whole number from 1 on"),
    ...say(
      "quorum",
      least > sum &&
        Object.keys(real).length > 0 &&
        `${least} is more than the weights of all real servers (${sum}): it is never reached. Give less`,
    ),
    ...say(
      "hysteresis",
      !isWithin(hysteresis, { least: 0, most: least - 1 }) && "is 0 or more, and less than quorum: give less",
    ),
    ...commandProblems("quorumUp", quorumUp, say),
    ...commandProblems("quorumDown", quorumDown, say),
    ...lastServerProblems(match, sorryServer, forwarding, (name, reason) => say(`sorryServer.${name}`, reason)),
  ];
}

function realProblems(match: Match, name: string, real: KeepalivedVirtual["real"][string], say: Say): Problem[] {
  const at = `real[${JSON.stringify(name)}]`;
  const pair = parseHostPort(name);
  if (!pair) return say(at, REAL_SERVER_NAME);
  const { tunnel } = real;
  return [
    ...say(
      `${at}.tunnel`,
      tunnel !== undefined &&
        tunnel.type !== "ipip" &&
        "only IP in IP is possible here: leave it out, or declare a VirtualService",
    ),
    ...say(
      at,
      familyOf(pair.address) !== familyOfMatch(match) &&
        "IPv4 and IPv6 cannot be mixed in one service: declare one for each",
    ),
    ...realServerProblems(match, pair, real, (property, reason) => say(property ? `${at}.${property}` : at, reason)),
  ];
}
