import * as pulumi from "@pulumi/pulumi";
import { KEEPALIVED, type Problem } from "pulumi-lvs-provider/model";
import { refuse } from "../arguments/argument-error";
import { declares } from "../arguments/declares";
import { isKnown, withoutUndefined } from "../arguments/known";
import { andThen, later } from "../arguments/later";
import { sha256 } from "../arguments/sha256";
import { refuseShape, shapeProblems } from "../arguments/shape";
import type { Host } from "../host/host";
import { File } from "../kinds/file";
import { Package } from "../kinds/package";
import { SystemdService } from "../kinds/systemd-service";
import { VrrpInstance } from "../kinds/vrrp-instance";
import type { KeepalivedArgs } from "./args";
import { renderInstance, type VrrpConfiguration } from "./config";
import * as daemon from "./daemon";
import { othersHave } from "./others";
import { vrrpProblems } from "./problems";
import { READY, READY_TEXT } from "./ready";
import { configuration as configurationShape, keepalived } from "./shapes";

/**
 * Addresses that float between hosts, by VRRP (RFC 5798) of keepalived: one instance. Of the hosts that declare the same
 * `routerId` one has the addresses. When that host is lost or unfit, another one takes them within three to four
 * adverts. All speak by unicast, and none takes adverts of a stranger; version 3 of the protocol has no authentication.
 *
 * The configuration goes live only after keepalived itself has accepted it without a word. A reload takes up a change,
 * so that addresses stay where they are. A daemon that was killed comes back. Several instances, also of several
 * stacks, share the daemon. A keepalived.conf by which keepalived works for somebody else is refused (`main`).
 *
 * A `VipAlias` must not declare an address that floats.
 *
 * @example
 * ```ts
 * const hosts = [director1, director2];
 * const own = ["172.17.111.2", "172.17.111.3"];
 * hosts.forEach((host, i) => {
 *   new Keepalived(`${host.name}-vip`, {
 *     host,
 *     instance: "vip",
 *     device: "eth0",
 *     source: own[i],
 *     peers: own.filter((address) => address !== own[i]),
 *     priority: 150 - i,
 *     addresses: [{ address: "172.17.111.111" }],
 *   });
 * });
 * ```
 * @throws ArgumentError where keepalived could not express what is declared, or would leave it out and go on
 */
@declares
export class Keepalived extends pulumi.ComponentResource {
  /** The package of keepalived; undefined where it is not installed by this resource. */
  readonly package: Package | undefined;
  /** What all instances of the host have together: keepalived.conf, the drop-in of the unit, and the scripts. */
  readonly files: readonly File[];
  /** The instance's own file. */
  readonly configuration: File;
  /** The daemon. All instances of the host declare it alike. */
  readonly daemon: SystemdService;
  /** The instance as keepalived has loaded it. `instance.state` says whether it has the addresses. */
  readonly instance: VrrpInstance;

  constructor(name: string, args: KeepalivedArgs, opts?: pulumi.ComponentResourceOptions) {
    const declared = `Keepalived "${name}"`;
    refuseShape(declared, keepalived, args);
    const given = configurationOf(name, args);
    if (isKnown(given)) refuse(declared, problemsOf(given as VrrpConfiguration));
    refuse(declared, othersHave(given.name, args));
    super("lvs:index:Keepalived", name, {}, opts);
    const { host, main = true, install = true, after = [] } = args;
    const common = Object.fromEntries(Object.entries(COMMON).filter(([path]) => main || path !== daemon.MAIN));
    const text = later(
      declared,
      given,
      (known) => problemsOf(known as VrrpConfiguration),
      (known) => renderInstance(withoutUndefined(known as VrrpConfiguration)),
    );
    const own = { parent: this };

    this.package = install ? new Package(`${name}-keepalived`, { host, package: "keepalived" }, own) : undefined;
    const ready = { ...own, dependsOn: [...(this.package ? [this.package] : []), ...after] };
    this.files = createFiles(name, host, main, ready);
    const path = daemon.partOf(given.name);
    this.configuration = new File(
      `${name}-configuration`,
      { host, path, content: text, validate: daemon.validatePart(path, main) },
      { ...own, dependsOn: [...this.files] },
    );
    this.daemon = new SystemdService(
      `${name}-daemon`,
      { host, unit: KEEPALIVED, configuration: common },
      { ...own, dependsOn: this.configuration },
    );
    this.instance = new VrrpInstance(
      name,
      { host, name: given.name, configuration: { ...common, [path]: andThen(text, sha256) } },
      { ...own, dependsOn: this.daemon },
    );
    this.registerOutputs();
  }
}

/** The files that the daemon must have loaded, whatever its instances are. */
const COMMON = {
  [daemon.MAIN]: sha256(daemon.MAIN_TEXT),
  [daemon.DROP_IN]: sha256(daemon.UNIT_DROP_IN),
};

function createFiles(name: string, host: Host, main: boolean, options: pulumi.CustomResourceOptions): File[] {
  const file = (part: string, path: string, content: string, more = {}) =>
    new File(`${name}-${part}`, { host, path, content, ...more }, options);
  return [
    file("notify", daemon.NOTIFY, daemon.NOTIFY_TEXT, { mode: "0755", validate: ["sh", "-n", "%s"] }),
    file("reach", daemon.REACH, daemon.REACH_TEXT, { mode: "0755", validate: daemon.VALIDATE_REACH }),
    file("ready", READY, READY_TEXT, { mode: "0755", validate: ["sh", "-n", "%s"] }),
    ...(main ? [file("main", daemon.MAIN, daemon.MAIN_TEXT, { validate: daemon.VALIDATE_MAIN })] : []),
    file("drop-in", daemon.DROP_IN, daemon.UNIT_DROP_IN),
  ];
}

function configurationOf(name: string, args: KeepalivedArgs) {
  const { host: _, main: __, install: ___, after: ____, instance, ...rest } = args;
  return { ...rest, name: instance ?? name };
}

/** What is wrong in an instance whose values are all known. */
function problemsOf(configuration: VrrpConfiguration): Problem[] {
  const wrong = shapeProblems(configurationShape, configuration);
  return wrong.length > 0 ? wrong : vrrpProblems(withoutUndefined(configuration));
}
