import { around, inShell } from "../host/shell";
import type { Step } from "../reconcile/kind";
import { CONNECTION } from "../reconcile/way";

/**
 * The step, which fails before it does anything if Pulumi's own SSH comes in at this address and one of these TCP ports. Such
 * packets would go elsewhere from then on, to real servers for instance, and every new login with them.
 *
 * @param ports numbers and ranges: "22", "1-65535"
 */
export function sparingOwnLogins(step: Step, address: string, ports: readonly string[]): Step {
  const script = `${CONNECTION}
    connection; server=$(end 3) port=$(end 4)
    [ "\${server%%%*}" != "$1" ] || {
      shift
      for ports; do
        [ "$port" -lt "\${ports%-*}" ] || [ "$port" -gt "\${ports#*-}" ] || {
          echo "it would take Pulumi's own logins along, which come in at port $port of this address" >&2; exit 1; }
      done
    }
    ${inShell(step.run)}`;
  return {
    ...step,
    run: around(step.run, script, address, ...ports),
    advice: (reply) =>
      /^it would take Pulumi's own logins/m.test(reply.stderr)
        ? "Nobody could undo that. Reach this host by another address or port (Host), or leave the port out here"
        : step.advice?.(reply),
  };
}
