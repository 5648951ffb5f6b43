import * as pulumi from "@pulumi/pulumi";
import { refuse } from "../arguments/argument-error";
import { isKnown, said } from "../arguments/known";
import { sha256 } from "../arguments/sha256";
import type { Host } from "../host/host";
import { File } from "../kinds/file";
import { type CheckedServiceArgs, HealthChecks } from "../kinds/health-checks";
import { Package } from "../kinds/package";
import type { DrainArgs } from "../kinds/virtual-service";
import type { LdirectordGlobalArgs, LdirectordVirtualArgs } from "./args";
import { type LdirectordConfiguration, renderLdirectord, withDefaults } from "./config";
import { UNIT_DROP_IN, VALIDATE } from "./daemon";
import { ldirectordProblems } from "./problems";

/** The arguments of `Ldirectord`. */
export interface LdirectordArgs {
  /** The director. One `Ldirectord` a host: it keeps all of the virtual services that are checked there. */
  host: Host;
  /**
   * The virtual services, by what they match: address and port, `/udp` after it for UDP; or a firewall mark, `/ipv6` after it
   * for IPv6.
   * @example { "172.17.111.111:80": { real: { "172.17.111.222:80": { forwarding: "dr" } }, request: "ok.html", receive: "OK" } }
   */
  virtuals: pulumi.Input<Record<string, LdirectordVirtualArgs>>;
  /**
   * What counts for all of them.
   * @default {}
   */
  globals?: LdirectordGlobalArgs;
  /**
   * ldirectord's package file, as of `Package`: no repository of Rocky, Alma or CentOS has it. ClusterLabs' resource-agents build
   * one.
   * @default the host's repositories
   * @example "/root/ldirectord-4.12.0-1.el9.noarch.rpm"
   */
  packageFile?: pulumi.Input<string>;
  /**
   * Whether ldirectord and ipvsadm are installed at all; otherwise they must be there.
   * @default true
   */
  install?: boolean;
  /**
   * How connections end when a real server is no longer declared.
   * @default { timeout: 300, onTimeout: "fail" }
   */
  drain?: pulumi.Input<DrainArgs>;
  /**
   * What must stand before it sends clients to real servers. Its packages do not wait for that.
   * @default nothing
   */
  after?: pulumi.Resource[];
}

/**
 * Health checks by ldirectord: it keeps the virtual services in the kernel's table and takes out real servers that fail. The
 * configuration goes live only after ldirectord's own parser and Perl have accepted it, and is taken up by a reload; a
 * destination that is no longer declared is drained first. A daemon that is killed comes back.
 *
 * Options of ldirectord.cf that this does not have: autoreload (it would bypass the draining), checkcount, connecttimeout and
 * timeout (deprecated), execute (another ldirectord on the same table), supervised (systemd does that), load (nothing uses it);
 * names in place of addresses and ports, and ranges of real servers.
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
export class Ldirectord extends pulumi.ComponentResource {
  /** The packages of ipvsadm and ldirectord; none where they are brought otherwise. */
  readonly packages: readonly Package[];
  /** ldirectord.cf. A secret where a password is in it. */
  readonly configuration: File;
  /** The drop-in of ldirectord's unit: what systemd does otherwise than the package says. */
  readonly dropIn: File;
  /** The daemon, and the kernel's table as it makes it. `checks.health` tells who is in. */
  readonly checks: HealthChecks;

  constructor(name: string, args: LdirectordArgs, opts?: pulumi.ComponentResourceOptions) {
    if (isKnown(configurationOf(args))) validated(name, configurationOf(args) as LdirectordConfiguration);
    super("lvs:index:Ldirectord", name, {}, opts);
    const { host } = args;
    const configuration = pulumi
      .output(configurationOf(args))
      .apply((resolved) => validated(name, resolved as LdirectordConfiguration));
    const text = configuration.apply(guarded);

    this.packages = createPackages(this, name, args);
    const options = { parent: this, dependsOn: [...this.packages, ...(args.after ?? [])] };
    this.configuration = new File(
      `${name}-configuration`,
      { host, path: CONFIGURATION, content: text, mode: "0600", validate: VALIDATE },
      options,
    );
    this.dropIn = new File(`${name}-drop-in`, { host, path: DROP_IN, content: UNIT_DROP_IN }, options);
    this.checks = new HealthChecks(
      name,
      {
        host,
        configuration: { [CONFIGURATION]: text.apply(sha256), [DROP_IN]: sha256(UNIT_DROP_IN) },
        services: configuration.apply(tableOf),
        patience: configuration.apply(patience),
        drain: args.drain,
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

function validated(name: string, configuration: LdirectordConfiguration): LdirectordConfiguration {
  const stated = said(configuration);
  refuse(`Ldirectord "${name}"`, ldirectordProblems(stated));
  return stated;
}

/** Its text. Passwords make all of it a secret. */
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

/** Seconds until its first checks are over: to start, and two rounds in which one server hangs. */
function patience({ globals, virtuals }: LdirectordConfiguration): number {
  const defaults = withDefaults(globals);
  const timeouts = [defaults, ...Object.values(virtuals)].flatMap((it) => [it.checkTimeout, it.negotiateTimeout]);
  return 10 + 2 * defaults.checkInterval + Math.max(...timeouts.map((seconds) => seconds ?? 0));
}
