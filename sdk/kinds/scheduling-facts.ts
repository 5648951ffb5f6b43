import type * as pulumi from "@pulumi/pulumi";
import type { SchedulingFacts } from "../advice/scheduling-rules";
import { isKnown } from "../arguments/known";
import { plain } from "../arguments/plain";

/** What a `VirtualService` declares of its scheduling. */
interface SchedulingArgs {
  readonly scheduler?: pulumi.Input<string>;
  readonly schedulerFlags?: pulumi.Input<pulumi.Input<string>[]>;
  readonly destinations: pulumi.Input<
    Record<string, pulumi.Input<{ weight?: pulumi.Input<number>; upperThreshold?: pulumi.Input<number> }>>
  >;
}

/** A service's scheduling as far as the program knows it now. A cluster, whose destinations are outputs, has judged its own. */
export function schedulingOf({
  scheduler = "wlc",
  schedulerFlags = [],
  destinations,
}: SchedulingArgs): SchedulingFacts {
  const servers = Object.entries(plain(destinations) ?? {}).map(([key, to]) => {
    const known = plain(to);
    return {
      property: `destinations["${key}"]`,
      weight: known && plain(known.weight ?? 1),
      upperThreshold: known && plain(known.upperThreshold ?? 0),
    };
  });
  // Flags that come later may be those that a rule looks for.
  const flags = isKnown(schedulerFlags) ? (schedulerFlags as string[]) : undefined;
  return { scheduler: flags && plain(scheduler), flags: flags ?? [], servers };
}
