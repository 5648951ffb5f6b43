import { handlerOf } from "../pulumi/kind-handler";
import { same } from "../reconcile/equality";
import type { Resource } from "./resource";
import { subjectOf, thingsOf } from "./things";

/** A property of a thing on a host that is not as the program declared it. */
export interface Difference {
  readonly kind: string;
  readonly name: string;
  /** "" for the whole thing. */
  readonly property: string;
  readonly declared?: unknown;
  readonly seen?: unknown;
}

/** What of the resource is different on its host from what was declared: what a refresh and a preview after it would show. */
export async function differencesOf(resource: Resource): Promise<Difference[]> {
  const { kind: type, name, id, inputs, state } = resource;
  const subject = subjectOf(type);
  if (!subject) return [];
  const handler = handlerOf(subject);
  const { id: found, props: seen = {} } = (await handler.read?.(id, state)) ?? {};
  if (!found) return [{ kind: type, name, property: "" }];
  const { changes } = await handler.diff(id, seen, inputs);
  if (!changes) return [];
  const frame = ["host", "owner", "__provider"];
  const differ = Object.keys(inputs).filter((key) => !frame.includes(key) && !same(inputs[key], seen[key]));
  if (differ.length === 0) return [{ kind: type, name, property: "" }];
  const hides = thingsOf(type, inputs).some(({ of, want }) => (of.secretsOf?.(want) ?? []).length > 0);
  const isSecret = (key: string) => hides || subject.secrets?.includes(key);
  return differ.map((property) => ({
    ...{ kind: type, name, property },
    ...(isSecret(property) ? {} : { declared: inputs[property], seen: seen[property] }),
  }));
}
