import type { z } from "zod";
import type { LvsError } from "../host/errors";
import { declaredNow } from "../model";
import { same } from "../reconcile/equality";
import type { Handler, Props } from "./handler";
import { printableProblems } from "./printable-problems";
import { stored } from "./stored";

/**
 * An event that happens when its declaration changes: a rollout, a check of the traffic. A workflow works on several hosts, or
 * from outside of them. A thing on one host is a `Kind`.
 */
export interface Workflow<Want extends object = object> {
  /** The resource's type: "Rollout". */
  readonly name: string;
  /** The schema of what can be declared. It fills in defaults and makes the normal form. */
  readonly inputs: z.ZodType<Want>;
  /** The properties that the event reports. */
  readonly outputs: readonly string[];
  /** Names of properties whose values may be secrets, as a whole or in a part. The engine is not let print them. */
  readonly secrets?: readonly string[];
  id(want: Want): string;
  /** What the event depends on. Another change, like that of a host's connection, is stored without an event. */
  triggers(props: Props): unknown;
  /**
   * Runs the event. Returns the outputs.
   *
   * @param had what the last event was run for, as far as the state says so
   */
  run(want: Want, had?: Want): Promise<Props>;
  /**
   * What the hosts show of the event now, as outputs. A refresh stores the result, and so does an event that failed halfway. A
   * workflow without `look` leaves nothing on hosts.
   */
  look?(want: Want): Promise<Props>;
  /** Removes what an interrupted event may have left on hosts. */
  end?(want: Want): Promise<void>;
}

/** Answers what Pulumi asks of a workflow. */
export function workflowHandler<Want extends object>(workflow: Workflow<Want>): Handler {
  const { inputs, outputs, triggers, look, end } = workflow;
  const wanted = (props: Props) => inputs.parse(inputsOf(props));
  // A former version may have declared something else.
  const had = (props: Props) => inputs.safeParse(inputsOf(props)).data;
  const outputsOf = (props: Props) => Object.fromEntries(outputs.map((key) => [key, props[key]]));
  return {
    async check(_, news) {
      const { want, problems } = declaredNow(inputs, inputsOf(news));
      return { inputs: { ...news, ...want }, failures: printableProblems(problems, news, workflow.secrets) };
    },

    async diff(_, olds, news) {
      const { before, now } = compared(workflow, olds, news);
      return { changes: Boolean(olds.incomplete) || !same(before, now), replaces: [] };
    },

    async create(news) {
      const want = wanted(news);
      const id = workflow.id(want);
      return { id, outs: await runEvent(workflow, id, want, news) };
    },

    async update(id, olds, news) {
      const { before, now } = compared(workflow, olds, news);
      if (!olds.incomplete && same(triggers(before), triggers(now)))
        return { outs: { ...inputsOf(news), ...outputsOf(olds) } };
      return { outs: await runEvent(workflow, id, wanted(news), news, had(olds)) };
    },

    async read(id, olds) {
      const props = look ? { ...olds, ...(await look(stored(workflow, inputsOf(olds)))) } : olds;
      return { id, props, inputs: comparable(workflow, props, look ? props : {}) };
    },

    async delete(_, olds) {
      await end?.(stored(workflow, inputsOf(olds)));
    },
  };
}

/**
 * If an event fails that changes hosts, the error carries what the hosts show now. The next `up` goes on from there. Pulumi adds
 * `__provider` to what succeeds alone, and finds no provider for a resource without it.
 */
async function runEvent<Want extends object>(
  { run, look }: Workflow<Want>,
  id: string,
  want: Want,
  props: Props,
  had?: Want,
): Promise<Props> {
  try {
    return { ...inputsOf(props), ...(await run(want, had)) };
  } catch (failure) {
    if (!look) throw failure;
    const seen = await look(want).catch(() => ({}));
    throw Object.assign(failure as LvsError, {
      id,
      properties: { ...inputsOf(props), ...seen, incomplete: true, __provider: props.__provider },
      reasons: [(failure as Error).message],
    });
  }
}

/** The properties of the state and of the program that a difference is looked for in. */
function compared(
  { outputs }: { outputs: readonly string[] },
  olds: Props,
  news: Props,
): { before: Props; now: Props } {
  return { before: comparable({ outputs }, olds, news), now: comparable({ outputs }, news, news) };
}

/**
 * The properties that a difference is looked for in. An output is one of them if the normal form has the same property: a rollout
 * compares the release that runs with the one that shall run.
 */
function comparable({ outputs }: { outputs: readonly string[] }, props: Props, normal: Props): Props {
  return Object.fromEntries(Object.entries(inputsOf(props)).filter(([key]) => !outputs.includes(key) || key in normal));
}

/** The declared and the reported properties, without those of Pulumi and of a failure. */
function inputsOf({ __provider: _, incomplete: __, ...props }: Props): Props {
  return props;
}
