import { type PortOf, type Protocol, type Rule, servedPort } from "pulumi-lvs-provider/model";
import { problem } from "../arguments/problem";

/** The checks of a site, as far as the program knows them now. */
export interface CheckFacts {
  readonly checkPort: number | undefined;
  /** The path of what declares the port. */
  readonly property: string;
  /** The protocols by which the check may ask. */
  readonly protocols: readonly Protocol[];
  /** The ports that real servers serve on; undefined where they come later. */
  readonly served: readonly (PortOf | undefined)[];
}

/** What makes a site's checks find no server fit. */
export const checkRules: readonly Rule<CheckFacts>[] = [
  {
    name: "check-port",
    severity: "warning",
    cause: "a server that does not listen there fails every check, and the table stays without servers",
    cure: "Check a port that is served; where something else answers there, ignore this",
    judge({ checkPort, property, protocols, served }) {
      const known = served.filter((one) => one !== undefined);
      if (checkPort === undefined || known.length < served.length) return [];
      if (known.some(({ protocol, port }) => port === checkPort && protocols.includes(protocol))) return [];
      const ports = [...new Set(known.map(servedPort))].join(", ");
      return problem(property, `${checkPort} is checked, and the real servers serve on ${ports}`);
    },
  },
];

/** ldirectord's times in seconds, with its defaults. */
export interface TimesFacts {
  /** The path of what declares the times: `globals`, `virtuals["99"]`. */
  readonly property: string;
  readonly checkInterval: number;
  readonly checkTimeout: number;
  readonly negotiateTimeout: number;
  readonly fork: boolean;
}

/** What makes ldirectord's checks late. */
export const timesRules: readonly Rule<TimesFacts>[] = [
  {
    name: "check-timeout",
    severity: "warning",
    cause: "ldirectord checks one server after the other, so that one that hangs delays the checks of all others",
    cure: "Raise checkInterval, lower the timeout, or set globals.fork",
    judge({ property, checkInterval, checkTimeout, negotiateTimeout, fork }) {
      if (fork) return [];
      const name = checkTimeout > negotiateTimeout ? "checkTimeout" : "negotiateTimeout";
      const longest = Math.max(checkTimeout, negotiateTimeout);
      if (longest <= checkInterval) return [];
      return problem(
        `${property}.${name}`,
        `a check takes up to ${longest} s, and the next begins after ${checkInterval} s`,
      );
    },
  },
];
