import { type Problem, parseServedPort } from "pulumi-lvs-provider/model";
import { problem } from "../arguments/problem";
import type { Health } from "./health";

/**
 * What the health checker of a cluster cannot do for its ports. A service with a mark catches any protocol, and its check asks
 * on a port that is said.
 */
export function healthProblems({ by, ...health }: Health, given: readonly unknown[], marked = false): Problem[] {
  if (by === "static" || marked) return [];
  const check = "check" in health ? health.check : undefined;
  const connects = by === "keepalived" && (check?.type ?? "tcp") === "tcp" && !(check && "port" in check && check.port);
  const udp = given.find((one) => parseServedPort(one)?.protocol === "udp");
  return [
    ...given.flatMap((one, at) =>
      problem(
        `ports[${at}]`,
        parseServedPort(one)?.protocol === "sctp" &&
          `${by} keeps services of TCP and UDP alone. Declare a cluster of its own for ${one}, with health: { by: "static" }`,
      ),
    ),
    ...problem(
      "health.check",
      connects &&
        udp !== undefined &&
        `a connection by TCP says nothing of ${udp}. Give the port of TCP that is there with it, like { type: "tcp", port: 53 }, or { type: "misc", command: […] }`,
    ),
  ];
}
