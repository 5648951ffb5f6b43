import { type Reply, sh } from "../host/command";
import { ENABLED_FOR_GOOD } from "../host/shell";
import { DISCREET, prepareLoaded, type Verb } from "../linux/loaded-files";
import { asGate } from "../linux/logins";
import type { Step } from "../reconcile/kind";

// What is done to a unit of systemd.

export function daemonReload(unit: string): Step {
  return {
    run: { argv: ["systemctl", "daemon-reload"] },
    purpose: `making systemd read the changed file of ${unit}`,
  };
}

export function comparing(unit: string, verb: Verb, configuration: Readonly<Record<string, string>>): Step {
  return {
    run: prepareLoaded(unit, verb, configuration),
    purpose: `comparing the files that ${unit} is to load`,
    advice: () => "Is this resource made after its files (dependsOn)?",
  };
}

export function validate(unit: string, argv: readonly string[]): Step {
  const script = `${DISCREET}
    unit=$1; shift; said=$("$@" 2>&1) || { r=$?; printf '%s\\n' "$said" | discreet "$unit" >&2; exit $r; }`;
  return {
    run: sh(script, unit, ...argv),
    purpose: `validating the configuration of ${unit} (${argv.join(" ")})`,
    advice: ({ stderr }) =>
      `${/Address family not supported/.test(stderr) ? "The host has no IPv6: listen on IPv4 alone (WebSite: ipv6: false). " : ""}${unit} goes on with the configuration that it has`,
  };
}

/** @param linked the file to which the unit was linked */
export function enabling(
  unit: string,
  wanted: boolean,
  seen: { readonly enabled: boolean | null },
  ...linked: string[]
): Step[] {
  if (seen.enabled === null || seen.enabled === wanted) return [];
  const script = `systemctl -q "$1" "$2" && { [ $# -lt 3 ] || systemctl -q link "$3"; } && ${ENABLED_FOR_GOOD}`;
  const run = sh(script, wanted ? "enable" : "disable", unit, ...linked);
  return [{ run, purpose: `${wanted ? "enabling" : "disabling"} ${unit}`, advice: (reply) => advice(unit, reply) }];
}

export function stopping(unit: string): Step {
  const step = { run: { argv: ["systemctl", "stop", unit] }, purpose: `stopping ${unit}`, limit: 180 };
  return asGate(unit, step, "stop");
}

/**
 * Shell: waits until `$unit` is active. A unit counts as active if it still is half a second later. If the unit does not become
 * active, the end of its journal is printed, which says why.
 */
export const UNTIL_ACTIVE = `
${DISCREET}
up() { case $(systemctl is-active "$unit") in
  active) sleep 0.5; systemctl -q is-active "$unit";;
  activating|reloading|refreshing) [ $n -lt 200 ] && n=$((n + 1)) && sleep 0.5 && up;;
  *) return 1;; esac; }
n=0
up || {
  systemctl status --no-pager -n 0 "$unit" 2>/dev/null | grep -E '^ *Active:' >&2
  journalctl -u "$unit" -n 4 --no-pager -o cat 2>/dev/null | discreet "$unit" >&2
  exit 1
}`;

// systemd refuses to start a unit that failed too often until reset-failed (systemd.unit(5), StartLimitIntervalSec=).
export function starting(unit: string): Step {
  const step: Step = {
    run: sh(`unit=$1; systemctl reset-failed "$unit" 2>/dev/null; systemctl start "$unit"${UNTIL_ACTIVE}`, unit),
    purpose: `starting ${unit}`,
    advice: (reply) => advice(unit, reply),
    limit: 240,
  };
  return asGate(unit, step, "start");
}

export function reloading(unit: string, verb: Verb): Step {
  const step: Step = {
    run: sh(`unit=$1; systemctl "$2" "$unit" || exit 1${UNTIL_ACTIVE}`, unit, verb),
    purpose: `${verb === "restart" ? "restarting" : "reloading"} ${unit} with the changed configuration`,
    advice: (reply) => advice(unit, reply),
    limit: 240,
  };
  return asGate(unit, step, "reload");
}

function advice(unit: string, { stderr }: Reply): string | undefined {
  if (/masked/.test(stderr))
    return `Somebody decided that ${unit} must not run; where that is over, run: systemctl unmask ${unit}`;
  if (/not found|does not exist|No such file|not loaded/i.test(stderr))
    return `Is the package that brings ${unit} installed, and is this resource made after it (dependsOn)?`;
  return undefined;
}
