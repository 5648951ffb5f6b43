import * as pulumi from "@pulumi/pulumi";
import { checksFile, checksUnit, type Finding, type Problem, whyNoChecksName } from "pulumi-lvs-provider/model";
import { hintsOf, warn } from "../advice/advise";
import { schedulingAdvice } from "../advice/checked-scheduling";
import { refuse } from "../arguments/argument-error";
import { declares } from "../arguments/declares";
import { isKnown, withoutUndefined } from "../arguments/known";
import { andThen, later } from "../arguments/later";
import { sha256 } from "../arguments/sha256";
import { refuseShape, shapeProblems } from "../arguments/shape";
import { File } from "../kinds/file";
import { type CheckedServiceArgs, HealthChecks } from "../kinds/health-checks";
import { Package } from "../kinds/package";
import type { KeepalivedChecksArgs } from "./checks-args";
import { INTERVAL, type KeepalivedVirtuals, renderChecks, TIMES } from "./checks-config";
import { checksUnitText, VALIDATE_CHECKS } from "./checks-daemon";
import { checksProblems } from "./checks-problems";
import { checkedVirtuals, keepalivedChecks } from "./checks-shapes";

/**
 * Health checks by keepalived, which keeps the virtual services of a site in the kernel's table and takes out real servers
 * that fail. Each site has a daemon of its own, with a file and a unit of its own: sites of one host, also of several
 * stacks, come and go by themselves, and none of them touches the VRRP of `Keepalived`. A file goes live only after
 * keepalived itself has accepted it without a word. A reload takes up a change. A daemon that was killed comes back.
 *
 * keepalived counts a real server as fit until its first checks have failed: when it starts, and when a server is new.
 *
 * @example
 * ```ts
 * new KeepalivedChecks("shop", {
 *   host: director,
 *   virtuals: {
 *     "172.17.111.111:80": {
 *       real: {
 *         "172.17.111.234:80": { forwarding: "dr", weight: 2 },
 *         "172.17.111.222:80": { forwarding: "dr", weight: 2 },
 *       },
 *       check: { type: "http", path: "/ok.html" },
 *       sorryServer: { address: "172.17.111.9" },
 *     },
 *   },
 * });
 * ```
 * @throws ArgumentError where keepalived could not express what is declared, or would leave it out and go on
 */
@declares
export class KeepalivedChecks extends pulumi.ComponentResource {
  /** The packages of ipvsadm and keepalived; empty where they are not installed by this resource. */
  readonly packages: readonly Package[];
  /** The site's file. */
  readonly configuration: File;
  /** The unit of the site's daemon. */
  readonly unit: File;
  /** The daemon, and the kernel's table as it makes it. `checks.health` says which real servers are in the table. */
  readonly checks: HealthChecks;

  constructor(name: string, args: KeepalivedChecksArgs, opts?: pulumi.ComponentResourceOptions) {
    const declared = `KeepalivedChecks "${name}"`;
    refuseShape(declared, keepalivedChecks, args);
    const { host, site = name, virtuals, install = true, after = [], drain } = args;
    const named = whyNoChecksName(site);
    refuse(declared, [
      ...(named ? [{ property: "site", reason: `"${site}" ${named}` }] : []),
      ...(isKnown(virtuals) ? problemsOf(virtuals as KeepalivedVirtuals) : []),
    ]);
    super("lvs:index:KeepalivedChecks", name, {}, opts);
    if (isKnown(virtuals))
      warn(this, declared, adviceOf(virtuals as KeepalivedVirtuals), args.advice, host.args.advice);
    const known = later(
      declared,
      virtuals,
      (all) => problemsOf(all as KeepalivedVirtuals),
      (all) => withoutUndefined(all as KeepalivedVirtuals),
    );
    const text = andThen(known, renderChecks);
    const path = checksFile(site);
    const unitPath = `/etc/systemd/system/${checksUnit(site)}`;
    const unit = checksUnitText(site);

    this.packages = install
      ? ["ipvsadm", "keepalived"].map((one) => new Package(`${name}-${one}`, { host, package: one }, { parent: this }))
      : [];
    const ready = { parent: this, dependsOn: [...this.packages, ...after] };
    this.configuration = new File(
      `${name}-configuration`,
      { host, path, content: text, mode: "0600", validate: VALIDATE_CHECKS },
      ready,
    );
    this.unit = new File(`${name}-unit`, { host, path: unitPath, content: unit }, ready);
    this.checks = new HealthChecks(
      name,
      {
        host,
        keepalived: site,
        configuration: { [path]: andThen(text, sha256), [unitPath]: sha256(unit) },
        services: andThen(known, tableOf),
        patience: andThen(known, patience),
        drain,
        ...(args.advice && { advice: hintsOf(args.advice) }),
      },
      { parent: this, dependsOn: [this.configuration, this.unit] },
    );
    this.registerOutputs();
  }
}

/** What is wrong in services whose values are all known. */
function problemsOf(virtuals: KeepalivedVirtuals): Problem[] {
  const wrong = shapeProblems(checkedVirtuals, { virtuals });
  return wrong.length > 0 ? wrong : checksProblems(withoutUndefined(virtuals));
}

function adviceOf(virtuals: KeepalivedVirtuals): Finding[] {
  return Object.entries(virtuals).flatMap(([key, virtual]) => schedulingAdvice(`virtuals["${key}"]`, virtual));
}

/** What the kernel's table should hold. */
function tableOf(virtuals: KeepalivedVirtuals): Record<string, pulumi.Unwrap<CheckedServiceArgs>> {
  const services = Object.entries(virtuals).map(([key, virtual]) => {
    const { scheduler = "wrr", schedulerFlags = [], persistence, onePacket = false, sorryServer } = virtual;
    const destinations = Object.entries(virtual.real).map(
      ([server, { forwarding, weight = 1, upperThreshold = 0, lowerThreshold = 0 }]) => [
        server,
        { forwarding, weight, upperThreshold, lowerThreshold },
      ],
    );
    const service = {
      ...{ scheduler, schedulerFlags, onePacket, destinations: Object.fromEntries(destinations) },
      quiescent: virtual.inhibitOnFailure ?? false,
      ...(persistence && { persistence }),
      ...(sorryServer && { fallback: sorryServer.address }),
    };
    return [key, service];
  });
  return Object.fromEntries(services);
}

/** Seconds until the first checks are over: the start, a round of checks, and one that hangs until its last repetition. */
function patience(virtuals: KeepalivedVirtuals): number {
  const longest = Object.values(virtuals).map(({ interval = INTERVAL, check }) => {
    const { timeout, retries, retryDelay } = { ...TIMES, ...check };
    return interval + timeout + retries * (timeout + retryDelay);
  });
  return Math.min(3600, 10 + Math.max(0, ...longest));
}
