import type { Session } from "../host/command";
import type { Kind } from "../reconcile/kind";
import { apply, type Outcome, read, remove } from "../reconcile/reconcile";
import { applyAll, readAll, removeAll, type Several } from "../reconcile/several";
import type { Task } from "../reconcile/task";

/** What one resource declares, as its handler needs it: one thing of a kind, or several. */
export interface Subject<Want extends object>
  extends Pick<Kind<Want>, "name" | "inputs" | "identity" | "outputs" | "secrets" | "advice" | "wire"> {
  /** The things of a declaration, each with its kind, and the property that declares it where that is one for a whole thing. */
  things(want: Want): readonly { readonly of: Kind; readonly want: object; readonly property?: string }[];
  apply(session: Session, task: Task<Want> & { readonly want: Want }): Promise<Outcome>;
  read(session: Session, task: Task<Want> & { readonly want: Want }): Promise<Outcome>;
  remove(session: Session, task: Task<Want> & { readonly had: Want }): Promise<void>;
}

export function oneThing<Want extends object, Seen>(kind: Kind<Want, Seen>): Subject<Want> {
  return {
    ...kind,
    things: (want) => [{ of: kind as unknown as Kind, want }],
    apply: (session, task) => apply(kind, session, task),
    read: (session, task) => read(kind, session, task),
    remove: (session, task) => remove(kind, session, task),
  };
}

export function severalThings<Whole extends object, Want extends object>(
  several: Several<Whole, Want>,
): Subject<Whole> {
  const { name, inputs, of } = several;
  return {
    name,
    inputs,
    // What is declared in place of something else is the same resource: each thing has its own identity.
    identity: () => several.property,
    things: (whole) =>
      Object.entries(several.things(whole)).map(([key, want]) => {
        return { of: of as unknown as Kind, want, property: `${several.property}.${key}` };
      }),
    apply: (session, task) => applyAll(several, session, task),
    read: (session, task) => readAll(several, session, task),
    remove: (session, task) => removeAll(several, session, task),
  };
}
