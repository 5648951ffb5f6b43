import * as pulumi from "@pulumi/pulumi";
import { judge, type Problem } from "pulumi-lvs-provider/model";
import { hintsOf, warn } from "../advice/advise";
import { schedulingAdvice } from "../advice/checked-scheduling";
import { timesRules } from "../advice/health-rules";
import { refuse } from "../arguments/argument-error";
import { declares } from "../arguments/declares";
import { isKnown, withoutUndefined } from "../arguments/known";
import { andThen, later } from "../arguments/later";
import { sha256 } from "../arguments/sha256";
import { refuseShape, shapeProblems } from "../arguments/shape";
import { File } from "../kinds/file";
import { type CheckedServiceArgs, HealthChecks } from "../kinds/health-checks";
import { Package } from "../kinds/package";
import { type LdirectordConfiguration, renderLdirectord, withDefaults } from "./config";
import { HTTPS_DROP_IN, UNIT_DROP_IN, VALIDATE } from "./daemon";
import type { LdirectordArgs } from "./ldirectord-args";
import { parseLdirectordMatch, serviceOfPort } from "./match";
import { ldirectordProblems } from "./problems";
import { configuration as configurationShape, ldirectord } from "./shapes";

/**
 * Health checks by ldirectord, which keeps the virtual services in the kernel's table and takes out real servers that
 * fail. A configuration goes live only after ldirectord's own parser and Perl have accepted it. A reload takes up the
 * new configuration. A destination that is no longer declared is drained first. A daemon that was killed is started
 * again.
 *
 * Some options of ldirectord.cf are left out: autoreload (it would bypass the draining), checkcount, connecttimeout and
 * timeout (deprecated), execute (another ldirectord on the same table), supervised (systemd does that), load (nothing
 * uses it); names instead of addresses and ports; ranges of real servers.
 *
 * @example
 * ```ts
 * new Ldirectord("health", {
 *   host: director,
 *   virtuals: {
 *     "172.17.111.111:80": {
 *       real: {
 *         "172.17.111.234:80": { forwarding: "dr", weight: 2 },
 *         "172.17.111.222:80": { forwarding: "dr", weight: 2 },
 *       },
 *       request: "ok.html",
 *       receive: "OK",
 *     },
 *   },
 * });
 * ```
 * @throws ArgumentError where ldirectord could not express what is declared, or would accept it and do something else
 */
@declares
export class Ldirectord extends pulumi.ComponentResource {
  /** The packages of ipvsadm and ldirectord; empty where they are not installed by this resource. */
  readonly packages: readonly Package[];
  /** ldirectord.cf. A secret where it contains a password. */
  readonly configuration: File;
  /** The drop-in of ldirectord's unit, for what the package's unit gets wrong. */
  readonly dropIn: File;
  /**
   * The daemon, and the kernel's table as ldirectord makes it. `checks.health` says which real servers are in the
   * table.
   */
  readonly checks: HealthChecks;

  constructor(name: string, args: LdirectordArgs, opts?: pulumi.ComponentResourceOptions) {
    refuseShape(`Ldirectord "${name}"`, ldirectord, args);
    const known = isKnown(configurationOf(args)) ? (configurationOf(args) as LdirectordConfiguration) : undefined;
    if (known) refuse(`Ldirectord "${name}"`, problemsOf(known));
    super("lvs:index:Ldirectord", name, {}, opts);
    if (known) warn(this, `Ldirectord "${name}"`, adviceOf(known), args.advice, args.host.args.advice);
    const { host } = args;
    const configuration = later(
      `Ldirectord "${name}"`,
      configurationOf(args),
      (known) => problemsOf(known as LdirectordConfiguration),
      (known) => withoutUndefined(known as LdirectordConfiguration),
    );
    const text = andThen(configuration, guarded);
    const unit = andThen(configuration, dropIn);

    this.packages = createPackages(this, name, args);
    const options = { parent: this, dependsOn: [...this.packages, ...(args.after ?? [])] };
    this.configuration = new File(
      `${name}-configuration`,
      { host, path: CONFIGURATION, content: text, mode: "0600", validate: VALIDATE },
      options,
    );
    this.dropIn = new File(`${name}-drop-in`, { host, path: DROP_IN, content: unit }, options);
    this.checks = new HealthChecks(
      name,
      {
        host,
        configuration: { [CONFIGURATION]: andThen(text, sha256), [DROP_IN]: andThen(unit, sha256) },
        services: andThen(configuration, tableOf),
        patience: andThen(configuration, patience),
        drain: args.drain,
        ...(args.advice && { advice: hintsOf(args.advice) }),
      },
      { parent: this, dependsOn: [this.configuration, this.dropIn] },
    );
    this.registerOutputs();
  }
}

const CONFIGURATION = "/etc/ha.d/ldirectord.cf";
const DROP_IN = "/etc/systemd/system/ldirectord.service.d/lvs.conf";

function configurationOf({ globals = {}, virtuals }: LdirectordArgs) {
  return { globals, virtuals };
}

/** What is wrong in a configuration whose values are all known. */
function problemsOf(configuration: LdirectordConfiguration): Problem[] {
  const wrong = shapeProblems(configurationShape, configuration);
  return wrong.length > 0 ? wrong : ldirectordProblems(withoutUndefined(configuration));
}

function adviceOf({ globals, virtuals }: LdirectordConfiguration) {
  const defaults = withDefaults(globals);
  return Object.entries(virtuals).flatMap(([key, virtual]) => {
    const property = `virtuals["${key}"]`;
    const { checkInterval = defaults.checkInterval } = virtual;
    const { checkTimeout = defaults.checkTimeout, negotiateTimeout = defaults.negotiateTimeout } = virtual;
    const times = { property, checkInterval, checkTimeout, negotiateTimeout, fork: defaults.fork };
    return [...schedulingAdvice(property, virtual), ...judge(timesRules, times)];
  });
}

/** The drop-in of ldirectord's unit. */
function dropIn({ virtuals }: LdirectordConfiguration): string {
  const speaksHttps = Object.entries(virtuals).some(([key, { service }]) => {
    const match = parseLdirectordMatch(key);
    return (service ?? (match && "port" in match ? serviceOfPort(match.port) : undefined)) === "https";
  });
  return speaksHttps ? HTTPS_DROP_IN : UNIT_DROP_IN;
}

/** The text of ldirectord.cf. One password makes the whole text a secret. */
function guarded(configuration: LdirectordConfiguration): pulumi.Output<string> {
  const text = renderLdirectord(configuration);
  const { virtuals } = configuration;
  const holds = Object.values(virtuals).some(({ password, secret }) => password !== undefined || secret !== undefined);
  return holds ? pulumi.secret(text) : pulumi.output(text);
}

function createPackages(
  parent: Ldirectord,
  name: string,
  { host, install = true, packageFile: file }: LdirectordArgs,
): Package[] {
  if (!install) return [];
  return [
    new Package(`${name}-ipvsadm`, { host, package: "ipvsadm" }, { parent }),
    new Package(`${name}-ldirectord`, { host, package: "ldirectord", file }, { parent }),
  ];
}

/** What the kernel's table should hold. */
function tableOf({ globals, virtuals }: LdirectordConfiguration): Record<string, pulumi.Unwrap<CheckedServiceArgs>> {
  const defaults = withDefaults(globals);
  const services = Object.entries(virtuals).map(([key, virtual]) => {
    const { scheduler = "wrr", schedulerFlags = [], persistence, onePacket = false, real } = virtual;
    const everybody = key.startsWith("[") || key.endsWith("/ipv6") ? globals.fallback6 : globals.fallback;
    const fallback = virtual.fallback ?? everybody;
    const destinations = Object.entries(real).map(
      ([server, { forwarding, weight, upperThreshold, lowerThreshold }]) => [
        server,
        { forwarding, weight: weight ?? 1, upperThreshold: upperThreshold ?? 0, lowerThreshold: lowerThreshold ?? 0 },
      ],
    );
    const service = {
      ...{ scheduler, schedulerFlags, onePacket, destinations: Object.fromEntries(destinations) },
      quiescent: virtual.quiescent ?? defaults.quiescent,
      ...(persistence && { persistence }),
      ...(fallback && { fallback: fallback.address }),
    };
    return [key, service];
  });
  return Object.fromEntries(services);
}

/** Seconds until ldirectord's first checks are over: the start, two rounds of checks, and one server that hangs. An hour at most. */
function patience({ globals, virtuals }: LdirectordConfiguration): number {
  const defaults = withDefaults(globals);
  const timeouts = [defaults, ...Object.values(virtuals)].flatMap((it) => [it.checkTimeout, it.negotiateTimeout]);
  return Math.min(3600, 10 + 2 * defaults.checkInterval + Math.max(...timeouts.map((seconds) => seconds ?? 0)));
}
