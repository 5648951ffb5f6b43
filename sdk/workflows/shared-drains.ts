import * as pulumi from "@pulumi/pulumi";
import type { OperatorNote } from "pulumi-lvs-provider/model";
import { z } from "zod";
import { declares } from "../arguments/declares";
import { argumentsOf, host, now, refuseShape } from "../arguments/shape";
import type { Host } from "../host/host";
import { LvsResource } from "../host/resource";

/** The arguments of `SharedDrains`. */
export interface SharedDrainsArgs {
  /** The name of the cluster. */
  site: pulumi.Input<string>;
  /** The addresses by which clients reach the cluster. */
  vips: pulumi.Input<pulumi.Input<string>[]>;
  /** The directors, two at least. */
  directors: Host[];
}

/**
 * A real server that an operator has drained (`pulumi-lvs drain`) is out on every director of a cluster. A director that was
 * down meanwhile, or that has joined since, gets to know it: where the directors change, and by the next `up` after a refresh
 * that has seen such a director. The same holds for servers that were brought back. A director that is down is named, and no
 * failure.
 *
 * Clusters with several directors declare this.
 *
 * @example
 * ```ts
 * const directors = [director1, director2];
 * new SharedDrains("drains", { site: "shop", vips: ["172.17.111.111"], directors }, { dependsOn: services });
 * ```
 */
@declares
export class SharedDrains extends LvsResource {
  /** The name of the cluster. */
  declare readonly site: pulumi.Output<string>;
  /** The addresses by which clients reach the cluster. */
  declare readonly vips: pulumi.Output<string[]>;
  /** Why, by whom and since when operators have drained servers, by the servers' addresses. */
  declare readonly drained: pulumi.Output<Record<string, Partial<OperatorNote>>>;
  /** The names of the directors that did not know all of it at the last look. */
  declare readonly late: pulumi.Output<string[]>;

  constructor(name: string, args: SharedDrainsArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { site, vips } = args;
    const inputs = { site, vips };
    refuseShape(`SharedDrains "${name}"`, argumentsOf({ directors: now(z.array(host).min(2)) }, inputs), args);
    const machines = args.directors.flatMap((one) => [one.options.dependsOn ?? []].flat() as pulumi.Resource[]);
    const directors = args.directors.map((one) => one.connection);
    const seen = { drained: undefined, late: undefined };
    super("SharedDrains", name, { ...inputs, directors, ...seen }, pulumi.mergeOptions({ dependsOn: machines }, opts));
  }
}
