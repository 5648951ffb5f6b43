import type * as pulumi from "@pulumi/pulumi";
import type { SchedulingFacts } from "../advice/scheduling-rules";
import { plain } from "../arguments/plain";

/** What a `VirtualService` declares of its scheduling. */
interface SchedulingArgs {
  readonly scheduler?: pulumi.Input<string>;
  readonly destinations: pulumi.Input<
    Record<string, pulumi.Input<{ weight?: pulumi.Input<number>; upperThreshold?: pulumi.Input<number> }>>
  >;
}

/** A service's scheduling as far as the program knows it now. A cluster, whose destinations are outputs, has judged its own. */
export function schedulingOf({ scheduler = "wlc", destinations }: SchedulingArgs): SchedulingFacts {
  const servers = Object.entries(plain(destinations) ?? {}).map(([key, to]) => {
    const known = plain(to);
    return {
      property: `destinations["${key}"]`,
      weight: known && plain(known.weight ?? 1),
      upperThreshold: known && plain(known.upperThreshold ?? 0),
    };
  });
  return { scheduler: plain(scheduler), servers };
}
