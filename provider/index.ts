import { withSession } from "./host/pool";
import { kinds, severals } from "./kinds";
import { endWithEngine } from "./pulumi/engine";
import type { Handler } from "./pulumi/handler";
import { kindHandler, severalHandler } from "./pulumi/kind-handler";
import { valueHandler } from "./pulumi/value";
import { workflowHandler } from "./pulumi/workflow";
import { values } from "./values";
import { workflows } from "./workflows";
import { whyDrained } from "./workflows/rollout/why-drained";

/**
 * Returns the handler that Pulumi's dynamic-provider process calls for resources of this type. The name of this function and
 * its argument stand in the state of every stack, so neither may change.
 */
export function provider(name: string): Handler {
  endWithEngine();
  const [kind, several] = [kinds.get(name), severals.get(name)];
  const [workflow, value] = [workflows.get(name), values.get(name)];
  if (kind) return kindHandler(kind, whyDrained(withSession));
  if (several) return severalHandler(several);
  if (workflow) return workflowHandler(workflow);
  if (value) return valueHandler(value);
  throw new Error(`pulumi-lvs-provider has no kind ${name}: is it older than the pulumi-lvs that declared it?`);
}
