import * as pulumi from "@pulumi/pulumi";
import { BIRD, type Match, matchKey, type Problem, parseMatchKey } from "pulumi-lvs-provider/model";
import { refuse } from "../arguments/argument-error";
import { declares } from "../arguments/declares";
import { isKnown, withoutUndefined } from "../arguments/known";
import { andThen, later } from "../arguments/later";
import { sha256 } from "../arguments/sha256";
import { refuseShape, shapeProblems } from "../arguments/shape";
import type { Host } from "../host/host";
import { BgpAnnouncement } from "../kinds/bgp-announcement";
import { File } from "../kinds/file";
import { Package } from "../kinds/package";
import { SystemdService } from "../kinds/systemd-service";
import type { BirdArgs } from "./args";
import {
  announcementName,
  type BirdConfiguration,
  renderAnnouncement,
  renderMain,
  renderSession,
  sessionOf,
  TABLES_TEXT,
} from "./config";
import * as daemon from "./daemon";
import { createJudge } from "./judge";
import { birdProblems } from "./problems";
import { bird, configuration as configurationShape } from "./shapes";

/**
 * Addresses that a host announces to routers, by BGP of BIRD 2. Several hosts may announce the same address: the routers
 * spread clients over them (ECMP). A router takes a host that is lost out of its ways within 0.6 s, by BFD.
 *
 * A file goes live only after BIRD itself has accepted it, together with all others. A reload takes up a change, so that
 * sessions go on. A daemon that was killed comes back. Several announcements, also of several stacks, share the daemon
 * and the sessions. BIRD takes nothing that a router tells, and changes no route of the kernel.
 *
 * @example
 * ```ts
 * const vip = new VipAlias("vip", { host: director, address: "172.17.111.111", device: "lo" });
 * new Bird("shop", {
 *   host: director,
 *   asn: 64513,
 *   addresses: ["172.17.111.111"],
 *   neighbours: [{ address: "10.0.0.1", asn: 64512, password: config.requireSecret("bgp") }],
 *   after: [vip],
 * });
 * ```
 * @throws ArgumentError where BIRD could not express what is declared
 */
@declares
export class Bird extends pulumi.ComponentResource {
  /** The package of BIRD; undefined where it is not installed by this resource. */
  readonly package: Package | undefined;
  /** What all announcements of the host have together: bird.conf, its tables, and the drop-in of the unit. */
  readonly files: readonly File[];
  /** The sessions' files, in the order of `neighbours`. Those with a password are readable for BIRD alone. */
  readonly sessions: readonly File[];
  /** What withdraws the announcement while one of `services` has no real server; undefined where none is named. */
  readonly judge: SystemdService | undefined;
  /** The announcement's own file. */
  readonly configuration: File;
  /** The daemon. All announcements of the host declare it alike. */
  readonly daemon: SystemdService;
  /** The announcement as BIRD has loaded it. `announcement.sessions` says how the sessions are. */
  readonly announcement: BgpAnnouncement;

  constructor(name: string, args: BirdArgs, opts?: pulumi.ComponentResourceOptions) {
    const declared = `Bird "${name}"`;
    refuseShape(declared, bird, args);
    const { host, install = true, main = true, after = [], announcement, ...settings } = args;
    const given = { ...settings, name: announcement ?? announcementName(name) };
    if (isKnown(given)) refuse(declared, problemsOf(given as BirdConfiguration));
    super("lvs:index:Bird", name, {}, opts);
    const made: Made = (make) =>
      later(
        declared,
        given,
        (known) => problemsOf(known as BirdConfiguration),
        (known) => make(withoutUndefined(known as BirdConfiguration)),
      );
    const own = { parent: this };

    this.package = install ? new Package(`${name}-bird2`, { host, package: "bird2" }, own) : undefined;
    const ready = { ...own, dependsOn: [...(this.package ? [this.package] : []), ...after] };
    const common = {
      [daemon.TABLES]: TABLES_TEXT,
      ...(main && { [daemon.MAIN]: renderMain(daemon.PARTS, args.routerId) }),
      [daemon.DROP_IN]: daemon.UNIT_DROP_IN,
    };
    this.files = createFiles(name, host, common, ready);
    const loaded = Object.fromEntries(Object.entries(common).map(([path, content]) => [path, sha256(content)]));

    const watched = given.services && {
      announcement: given.name,
      services: made(({ services = [] }) => services.map((key) => matchKey(parseMatchKey(key) as Match))),
    };
    const prepared = { ...own, dependsOn: [...this.files] };
    // BIRD is not told of the announcement before the host knows whether it is fit.
    this.judge = watched && createJudge(name, host, watched, prepared);
    this.sessions = createSessions(name, args, made, this.judge ? { ...own, dependsOn: [this.judge] } : prepared);
    const path = daemon.partOf(given.name);
    const text = made(renderAnnouncement);
    this.configuration = new File(
      `${name}-configuration`,
      { host, path, content: text, validate: daemon.validatePart(path) },
      { ...own, dependsOn: [...this.sessions] },
    );
    this.daemon = new SystemdService(
      `${name}-daemon`,
      { host, unit: BIRD, configuration: loaded },
      { ...own, dependsOn: this.configuration },
    );
    const configuration = andThen(made(sessionDigests), (theirs) =>
      andThen(text, (mine) => ({ ...loaded, ...theirs, [path]: sha256(mine) })),
    );
    this.announcement = new BgpAnnouncement(
      name,
      { host, name: given.name, configuration },
      { ...own, dependsOn: this.daemon },
    );
    this.registerOutputs();
  }
}

/** Makes a value of the announcement as soon as the program knows the announcement. */
type Made = <R>(make: (known: BirdConfiguration) => R) => pulumi.Output<R>;

/** The files that all announcements of the host have together, by path. */
function createFiles(name: string, host: Host, common: Readonly<Record<string, string>>, ready: Ordered): File[] {
  const file = ([path, content]: [string, string], options: pulumi.CustomResourceOptions) => {
    const [part, how] = HOW[path] as [string, object];
    return new File(`${name}-${part}`, { host, path, content, ...how }, options);
  };
  const [tables, ...others] = Object.entries(common) as [[string, string], ...[string, string][]];
  const first = file(tables, ready);
  // bird.conf includes what is in the tables' folder. BIRD refuses a pattern whose folder is not there.
  const second = { ...ready, dependsOn: [...ready.dependsOn, first] };
  return [first, ...others.map((one) => file(one, second))];
}

/** What a resource is made after. */
interface Ordered extends pulumi.CustomResourceOptions {
  dependsOn: pulumi.Resource[];
}

/** The names of the common files, and how each is judged. */
const HOW: Readonly<Record<string, [string, object]>> = {
  [daemon.TABLES]: ["tables", { validate: daemon.validatePart(daemon.TABLES) }],
  [daemon.MAIN]: ["main", { validate: daemon.VALIDATE_MAIN }],
  [daemon.DROP_IN]: ["drop-in", {}],
};

/** The files of the sessions, one a neighbour. */
function createSessions(name: string, { host, neighbours }: BirdArgs, made: Made, options: Ordered): File[] {
  return neighbours.map(({ password }, at) => {
    const neighbour = (known: BirdConfiguration) => known.neighbours[at] as BirdConfiguration["neighbours"][number];
    const path = made((known) => daemon.partOf(sessionOf(neighbour(known).address)));
    const content = made((known) => renderSession(known.asn, neighbour(known)));
    const how = password === undefined ? {} : { mode: "0640", group: "bird" };
    const validate = andThen(path, daemon.validatePart);
    return new File(`${name}-session-${at}`, { host, path, content, validate, ...how }, options);
  });
}

/** The digests of the sessions' files, by path. */
function sessionDigests({ asn, neighbours }: BirdConfiguration): Record<string, string> {
  return Object.fromEntries(
    neighbours.map((one) => [daemon.partOf(sessionOf(one.address)), sha256(renderSession(asn, one))]),
  );
}

/** What is wrong in an announcement whose values are all known. */
function problemsOf(known: BirdConfiguration): Problem[] {
  const wrong = shapeProblems(configurationShape, known);
  return wrong.length > 0 ? wrong : birdProblems(withoutUndefined(known));
}
