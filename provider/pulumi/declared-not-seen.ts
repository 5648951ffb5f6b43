import { same } from "../reconcile/equality";
import type { Kind } from "../reconcile/kind";
import type { Props } from "./handler";

// What is declared, apart from what was seen. A refresh stores what was seen in the shape of the inputs: a route that went has
// `via: ""`. The state's property `declared` keeps those values of the declaration that differ from it; `null` stands for a
// property that is not declared. So a thing is looked for, changed and deleted as what was declared, whatever was seen of it.

/** The values of a declaration that the outputs do not have. Secrets are left out: no identity needs them. */
export function declaredNotSeen<Want extends object>(
  kind: Pick<Kind<Want>, "outputs" | "secrets">,
  want: Want,
  outputs: Props,
): Props | undefined {
  const declares = want as Props;
  const hidden = new Set([...(kind.outputs ?? []), ...(kind.secrets ?? [])]);
  const keys = Object.keys({ ...declares, ...outputs }).filter((key) => !hidden.has(key));
  const differing = keys
    .filter((key) => !same(declares[key], outputs[key]))
    .map((key) => [key, declares[key] ?? null] as const);
  return differing.length > 0 ? Object.fromEntries(differing) : undefined;
}

/** The properties of a state with what is declared in the place of what was seen. */
export function asDeclared(stored: Props): Props {
  const { declared, ...props } = stored;
  if (declared === null || typeof declared !== "object") return props;
  return Object.fromEntries(Object.entries({ ...props, ...declared }).filter(([, value]) => value !== null));
}
