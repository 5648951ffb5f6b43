import * as pulumi from "@pulumi/pulumi";
import { judge } from "pulumi-lvs-provider/model";
import { z } from "zod";
import { warn } from "../advice/advise";
import { roleOf } from "../advice/roles";
import { trafficRules } from "../advice/traffic-rules";
import { declares } from "../arguments/declares";
import { argumentsOf, given, host, instance, now, refuseShape, type Shape } from "../arguments/shape";
import type { Host } from "../host/host";
import { LvsResource } from "../host/resource";
import type { ArpExpectation, FailoverExpectation, FailoverSeen, TrafficExpectation } from "./traffic-expectation";

/** The arguments of a `TrafficCheck`. */
export interface TrafficCheckArgs {
  /**
   * What to request: one URL, or several.
   * @example "http://172.17.111.117/"
   * @example ["http://172.17.111.111/", "https://172.17.111.111/"]
   */
  url: pulumi.Input<string | pulumi.Input<string>[]>;
  /**
   * Local addresses of the sender. The director takes each address for one client. They send one after the other. An
   * address that the sender does not have is an error.
   * @default one client, with the address that the route gives
   * @example ["172.17.111.11", "172.17.111.12"]
   */
  sources?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * How many requests each source sends to each URL, 1 to 10000. Each request is a connection of its own. With 20, four
   * sources and two URLs there are 160 requests.
   * @default 20
   */
  requests?: pulumi.Input<number>;
  /**
   * The host that sends the requests. A real server or the director does not see what clients see.
   * @default where Pulumi runs
   */
  from?: Host;
  /**
   * The header of the answer that names the server.
   * @default "X-Backend"
   */
  header?: pulumi.Input<string>;
  /**
   * Seconds to wait for each answer, 0.1 to 300.
   * @default 10
   */
  timeout?: pulumi.Input<number>;
  /**
   * Seconds in which the check tries again, 0 to 3600: whole rounds of requests are repeated until a round is as expected. So the
   * check also waits for the end of a transition, when a server that failed gets no more requests, or is back.
   * @default 120
   */
  within?: pulumi.Input<number>;
  /**
   * What the requests must show. Otherwise the update fails with a readable table.
   * @default every request is answered
   */
  expect?: TrafficExpectation;
  /**
   * Who knows which servers an operator has drained (`pulumi-lvs drain`). Such a server must get nothing, whatever its
   * weight in `expect.servers`, and `expect.spread` is at most the number of the others. `table` says who is left out.
   * @default drains are not known: a drained server that is expected fails the check
   */
  drains?: DrainsArgs;
  /**
   * Accepts any certificate, for instance a self-signed one.
   * @default false
   */
  insecure?: pulumi.Input<boolean>;
  /**
   * The check runs again when these values change. Give what is declared (addresses, weights), and no outputs of other
   * resources.
   * @default the check runs again when its own arguments change
   */
  triggers?: pulumi.Input<unknown[]>;
}

/** The directors, and the servers that they may have drained. */
export interface DrainsArgs {
  /** The directors' hosts. */
  directors: Host[];
  /**
   * The servers' addresses in the directors' tables, by the names that the answers have.
   * @example { rs1: "172.17.111.234", rs2: "172.17.111.222" }
   */
  servers: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/**
 * Sends requests during `pulumi up`, counts which servers answer, and fails the update where the result is not as
 * expected. The check is an event and no state. It runs when the resource is created and when its arguments change. A
 * refresh sends nothing, and neither does another way to reach a host.
 *
 * @example
 * ```ts
 * new TrafficCheck(
 *   "traffic",
 *   { url: "http://172.17.111.117/", expect: { servers: { rs1: 1, rs2: 1 }, tolerance: 0.1 } },
 *   { dependsOn: cluster },
 * );
 * ```
 *
 * @example Persistence: http and https of each of these clients stay on one server, and not all of them on the same
 * ```ts
 * new TrafficCheck(
 *   "persistence",
 *   {
 *     url: ["http://172.17.111.111/", "https://172.17.111.111/"],
 *     sources: ["172.17.111.11", "172.17.111.12", "172.17.111.13", "172.17.111.14"],
 *     insecure: true,
 *     expect: { persistence: true, spread: 2 },
 *   },
 *   { dependsOn: cluster },
 * );
 * ```
 *
 * @example The director that has the VIP is taken away for a moment, and another one goes on
 * ```ts
 * new TrafficCheck(
 *   "failover",
 *   { url: "http://172.17.111.111/", expect: { failover: { of: cluster.failover, gap: 2 } } },
 *   { dependsOn: cluster },
 * );
 * ```
 */
@declares
export class TrafficCheck extends LvsResource {
  /** What was requested: one URL, or several. */
  declare readonly url: pulumi.Output<string | string[]>;
  /** The local addresses that sent the requests; undefined: the address that the route gave. */
  declare readonly sources: pulumi.Output<string[] | undefined>;
  /** How many requests each source sent to each URL. */
  declare readonly requests: pulumi.Output<number>;
  /** The header of the answer that names the server. */
  declare readonly header: pulumi.Output<string>;
  /** Seconds to wait for each answer. */
  declare readonly timeout: pulumi.Output<number>;
  /** Seconds in which rounds of requests were repeated. */
  declare readonly within: pulumi.Output<number>;
  /** What the requests had to show. */
  declare readonly expect: pulumi.Output<pulumi.Unwrap<Omit<TrafficExpectation, "arp" | "failover">> | undefined>;
  /** Whether any certificate was accepted. */
  declare readonly insecure: pulumi.Output<boolean>;
  /** The values whose change makes the check run again. */
  declare readonly triggers: pulumi.Output<unknown[] | undefined>;
  /** How many answers came from each server, by the server's name. */
  declare readonly distribution: pulumi.Output<Record<string, number>>;
  /** How many requests failed. */
  declare readonly failed: pulumi.Output<number>;
  /** The distribution as a table for people, with a line for each client where there are several. */
  declare readonly table: pulumi.Output<string>;
  /** What was noticed while a director was away; undefined where none was taken away. */
  declare readonly failover: pulumi.Output<FailoverSeen | undefined>;

  constructor(name: string, args: TrafficCheckArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { url, sources, requests, from, header, timeout, within, expect, drains, insecure, triggers } = args;
    const inputs = { url, sources, requests, header, timeout, within, expect, drains, insecure, triggers };
    refuseShape(
      `TrafficCheck "${name}"`,
      argumentsOf({ from: host.optional(), expect: expectation.optional(), drains: drainsShape.optional() }, inputs),
      args,
    );
    const sending = { url, sources, requests, header, timeout, within, insecure, host: from?.connection };
    const seen = { distribution: undefined, failed: undefined, table: undefined, failover: undefined };
    // The check asks the director for its hardware address. So the director's machine must exist, but the check does
    // not go with that machine.
    const asked = { dependsOn: expect?.arp?.director.options.dependsOn ?? [] };
    const floats = { dependsOn: expect?.failover?.of ?? [] };
    const machine = pulumi.mergeOptions(pulumi.mergeOptions(asked, floats), from?.options);
    super(
      "TrafficCheck",
      name,
      {
        ...sending,
        expect: expect && declared(expect),
        ...(drains && { drains: draining(drains) }),
        triggers,
        ...seen,
      },
      pulumi.mergeOptions(machine, opts),
    );
    const sender = { from: from?.name, role: roleOf(from) };
    warn(this, `TrafficCheck "${name}"`, judge(trafficRules, sender), from?.args.advice);
  }
}

const drainsShape = now(z.object({ directors: now(z.array(host)), servers: given } satisfies Shape<DrainsArgs>));

function draining({ directors, servers }: DrainsArgs): pulumi.Inputs {
  return { directors: directors.map(({ connection }) => connection), servers };
}

const expectation = z.object({
  ...{ servers: given.optional(), tolerance: given.optional(), failures: given.optional() },
  ...{ persistence: given.optional(), spread: given.optional() },
  arp: z
    .object({
      ...{ address: given, device: given, director: host, directorDevice: given.optional() },
    } satisfies Shape<ArpExpectation>)
    .optional(),
  failover: z
    .object({
      of: instance("a Failover (a cluster with several directors has one: cluster.failover)", "declared", "holder"),
      ...{ by: given.optional(), failures: given.optional(), gap: given.optional(), onTimeout: given.optional() },
    } satisfies Shape<FailoverExpectation>)
    .optional(),
} satisfies Shape<TrafficExpectation>);

/** The expectation as the provider takes it. */
function declared({ arp, failover, ...expect }: TrafficExpectation): pulumi.Inputs {
  return {
    ...expect,
    ...(arp && { arp: { ...arp, director: arp.director.connection } }),
    ...(failover && { failover: floating(failover) }),
  };
}

/** What was declared is known before the `Failover` is made, so that a preview shows it. */
function floating({ of, ...noticed }: FailoverExpectation): pulumi.Inputs {
  return { ...noticed, ...of?.declared };
}
