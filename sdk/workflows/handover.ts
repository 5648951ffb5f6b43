import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { declares } from "../arguments/declares";
import { argumentsOf, host, now, refuseShape } from "../arguments/shape";
import type { Host } from "../host/host";
import { LvsResource } from "../host/resource";
import type { DrainArgs } from "../kinds/virtual-service-args";

/** By what the others hear a director. */
export interface HeardArgs {
  /** The address that its adverts come from. */
  address: pulumi.Input<string>;
  /** The interface by which the directors hear each other. */
  device: pulumi.Input<string>;
  /** The number of the virtual router. */
  routerId: pulumi.Input<number>;
  /** Seconds between two adverts. */
  advertInterval: pulumi.Input<number>;
}

/** The arguments of a `Handover`. */
export interface HandoverArgs {
  /** The name of the instance of VRRP, the same as in each director's `Keepalived`. */
  instance: pulumi.Input<string>;
  /** The addresses that float together. */
  addresses: pulumi.Input<pulumi.Input<string>[]>;
  /** The directors that stand in for each other, two at least. */
  directors: Host[];
  /**
   * How each director is heard by the others, by its name. Where that of a director changes, or what floats, the directors
   * hear each other anew, and all but the one that serves wait meanwhile.
   * @default what directors have alike does not count
   */
  heard?: pulumi.Input<Record<string, pulumi.Input<HeardArgs>>>;
  /**
   * How long the connections of a director that leaves are waited for, until another one knows them. `"fail"`: the director stays then,
   * and the update fails. `"cut"`: those that are not known are cut.
   * @default { timeout: 300, onTimeout: "fail" }
   */
  drain?: pulumi.Input<DrainArgs>;
}

/**
 * Directors take the place of others while clients are there. Each director's `Keepalived` depends on this resource, which comes before
 * it when the list of directors changes: a director that leaves the list and has the addresses hands over to one that stays, and one
 * that joins takes nothing before all others know it. `Failover`, which comes last, lets it take part. One of the former directors has to
 * stay. A director that is down is named, and no failure.
 *
 * Clusters with several directors declare this.
 *
 * @example
 * ```ts
 * const handover = new Handover("vip", { instance: "vip", addresses: ["172.17.111.111"], directors: [director1, director2] });
 * ```
 */
@declares
export class Handover extends LvsResource {
  /** The name of the instance of VRRP. */
  declare readonly instance: pulumi.Output<string>;
  /** The addresses that float together. */
  declare readonly addresses: pulumi.Output<string[]>;
  /** How each director is heard by the others. */
  declare readonly heard: pulumi.Output<Record<string, pulumi.Unwrap<HeardArgs>>>;
  /** How long connections are waited for. */
  declare readonly drain: pulumi.Output<pulumi.Unwrap<DrainArgs>>;
  /** When the directors changed last, as in ISO 8601. */
  declare readonly since: pulumi.Output<string>;

  constructor(name: string, args: HandoverArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { instance, addresses, heard, drain } = args;
    const inputs = { instance, addresses, heard, drain };
    refuseShape(`Handover "${name}"`, argumentsOf({ directors: now(z.array(host).min(2)) }, inputs), args);
    const machines = args.directors.flatMap((one) => [one.options.dependsOn ?? []].flat() as pulumi.Resource[]);
    const directors = args.directors.map((one) => one.connection);
    const options = pulumi.mergeOptions({ dependsOn: machines }, opts);
    super("Handover", name, { ...inputs, directors, since: undefined }, options);
  }
}
