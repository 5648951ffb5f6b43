import type { z } from "zod";
import { declared, declaredNow } from "../model";
import { same } from "../reconcile/equality";
import type { Handler, Props } from "./handler";
import { printableProblems } from "./printable-problems";

/** Something that is made once and kept in the stack's state: a password, a certificate. A changed declaration makes a new one. */
export interface Value<Want extends object = object> {
  /** The resource's type: "Password". */
  readonly name: string;
  /** The schema of what can be declared. It fills in defaults. */
  readonly inputs: z.ZodType<Want>;
  /** The properties of which a change makes a new value. Others are for previews alone, and no state has them. */
  readonly declares: readonly string[];
  /** A value may end. From some time before its end, a preview shows the output that says so, and `up` makes a new value. */
  readonly renewal?: {
    readonly property: string;
    /** Why the value in the state is due; undefined if it is not. */
    readonly due: (want: Want, outputs: Props) => string | undefined;
  };
  /** Names of properties whose values may be secrets, as a whole or in a part. The engine is not let print them. */
  readonly secrets?: readonly string[];
  /** Makes a value and its id. The id must not give the secret away. */
  make(want: Want): Promise<{ readonly id: string; readonly outputs: Props }>;
}

/** Answers what Pulumi asks of a value. No host is touched. */
export function valueHandler<Want extends object>(value: Value<Want>): Handler {
  const { name, inputs, declares, secrets, renewal, make } = value;
  const declaredOf = (props: Props) =>
    Object.fromEntries(declares.filter((key) => props[key] !== undefined).map((key) => [key, props[key]]));
  return {
    async check(_, news) {
      const { __provider: _provider, ...given } = news;
      const { want, problems } = declaredNow(inputs, given);
      return { inputs: { ...news, ...want }, failures: printableProblems(problems, news, secrets) };
    },

    async diff(_, olds, news) {
      const replaces = declares.filter((key) => !same(olds[key], news[key]));
      const { want } = declared(inputs, news);
      const due = want && renewal?.due(want, olds);
      if (due) console.log(`${name}: ${due}`);
      if (renewal && due) replaces.push(renewal.property);
      return { changes: replaces.length > 0, replaces, deleteBeforeReplace: false };
    },

    async create(props) {
      const want = inputs.parse(declaredOf(props));
      const { id, outputs } = await make(want);
      return { id, outs: { ...want, ...outputs } };
    },

    async read(id, stored) {
      return { id, props: stored, inputs: declaredOf(stored) };
    },
  };
}
