import type { Workflow } from "../pulumi/workflow";
import { sharedDrains } from "./drains/shared-drains";
import { failover } from "./failover/failover";
import { handover } from "./failover/handover";
import { rollout } from "./rollout/rollout";
import { trafficCheck } from "./traffic-check/traffic-check";

/** The table of workflows. */
export const workflows: ReadonlyMap<string, Workflow> = new Map(
  [failover, handover, rollout, sharedDrains, trafficCheck].map((workflow) => [
    workflow.name,
    workflow as unknown as Workflow,
  ]),
);
