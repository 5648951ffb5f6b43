import * as pulumi from "@pulumi/pulumi";
import type { OperatorNote } from "pulumi-lvs-provider/model";
import { z } from "zod";
import { declares } from "../arguments/declares";
import { argumentsOf, host, now, refuseShape } from "../arguments/shape";
import type { Host } from "../host/host";
import { LvsResource } from "../host/resource";

/** The arguments of a `Failover`. */
export interface FailoverArgs {
  /** The name of the instance of VRRP, the same as in each director's `Keepalived`. */
  instance: pulumi.Input<string>;
  /** The addresses that float together. */
  addresses: pulumi.Input<pulumi.Input<string>[]>;
  /** The directors that stand in for each other, two at least. */
  directors: Host[];
  /**
   * Seconds until one director must have the addresses, 1 to 3600.
   * @default 30
   */
  within?: pulumi.Input<number>;
  /**
   * The directors are judged again when these values change.
   * @default they are judged again when the other arguments change
   */
  triggers?: pulumi.Input<unknown[]>;
}

/** What a director showed at the last look. */
export interface DirectorState {
  /** MASTER, BACKUP or FAULT; STOPPED, UNKNOWN, or UNREACHABLE where the director could not be asked. */
  state: string;
  /**
   * Since when, as in ISO 8601.
   * @default not known
   */
  since?: string;
  /**
   * Why, by whom and since when an operator has given the director up.
   * @default nobody has
   */
  givenUp?: Partial<OperatorNote>;
  /** The roles of the sync daemons that run there: `master`, `backup`. */
  sync: string[];
}

/**
 * Of several directors one has the addresses that float. `up` fails where two have them (a split brain) or none, with
 * the most likely cause; a refresh warns, and the next `up` judges again. Which director it is shows in the outputs, and
 * is no difference. A director that is down is named, and no failure.
 *
 * Clusters with several directors declare a failover.
 *
 * @example
 * ```ts
 * const { holder } = new Failover(
 *   "vip",
 *   { instance: "vip", addresses: ["172.17.111.111"], directors: [director1, director2] },
 *   { dependsOn: keepaliveds },
 * );
 * ```
 */
@declares
export class Failover extends LvsResource {
  /** The name of the instance of VRRP. */
  declare readonly instance: pulumi.Output<string>;
  /** The addresses that float together. */
  declare readonly addresses: pulumi.Output<string[]>;
  /** Seconds until one director must have the addresses. */
  declare readonly within: pulumi.Output<number>;
  /** The values whose change makes the directors be judged again. */
  declare readonly triggers: pulumi.Output<unknown[] | undefined>;
  /** The name of the director that had the addresses at the last look; `""`: none, or several. */
  declare readonly holder: pulumi.Output<string>;
  /** Since when, as in ISO 8601. */
  declare readonly since: pulumi.Output<string>;
  /** What each director showed, by its name. */
  declare readonly states: pulumi.Output<Record<string, DirectorState>>;
  /** What was declared, which is known before the resource is made: for a `TrafficCheck` of the failover. */
  readonly declared: pulumi.Inputs;

  constructor(name: string, args: FailoverArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { instance, addresses, within, triggers } = args;
    const inputs = { instance, addresses, within, triggers };
    refuseShape(`Failover "${name}"`, argumentsOf({ directors: now(z.array(host).min(2)) }, inputs), args);
    const seen = { holder: undefined, since: undefined, states: undefined };
    const machines = args.directors.flatMap((one) => [one.options.dependsOn ?? []].flat() as pulumi.Resource[]);
    const directors = args.directors.map((one) => one.connection);
    super("Failover", name, { ...inputs, directors, ...seen }, pulumi.mergeOptions({ dependsOn: machines }, opts));
    this.declared = { instance, addresses, within, directors };
  }
}
