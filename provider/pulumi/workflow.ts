import type { z } from "zod";
import type { LvsError } from "../host/errors";
import { same } from "../reconcile/equality";
import { declared } from "./declaration";
import type { Handler, Props } from "./handler";

/**
 * Something that happens when what is declared changes, over several hosts or from outside of them: a rollout, a check of the
 * traffic. What is on one host is a `Kind`.
 */
export interface Workflow<Want extends object = object> {
  /** The resource's type: "Rollout". */
  readonly name: string;
  /** Shape and ranges of what can be declared; fills in defaults and makes the normal form. */
  readonly inputs: z.ZodType<Want>;
  /** The properties that the event tells. */
  readonly outputs: readonly string[];
  id(want: Want): string;
  /** What the event depends on. Where something else changed, the way to a host for instance, it is stored and nothing happens. */
  triggers(props: Props): unknown;
  /** The event. It returns its outputs. */
  run(want: Want): Promise<Props>;
  /**
   * What hosts show of it now, as outputs: for a refresh, and for the state after an event that failed halfway. A workflow without
   * it leaves nothing on hosts.
   */
  look?(want: Want): Promise<Props>;
  /** Takes away what an interrupted event may have left on hosts. */
  end?(want: Want): Promise<void>;
}

/** What Pulumi asks of a workflow. */
export function workflowHandler<Want extends object>(workflow: Workflow<Want>): Handler {
  const { inputs, outputs, triggers, look, end } = workflow;
  const wanted = (props: Props) => inputs.parse(inputsOf(props));
  const told = (props: Props) => Object.fromEntries(outputs.map((key) => [key, props[key]]));

  /** A failure of what has changed hosts carries what they show by now, so that the next `up` goes on from there. */
  async function happen(id: string, want: Want, props: Props): Promise<Props> {
    try {
      return { ...inputsOf(props), ...(await workflow.run(want)) };
    } catch (failure) {
      if (!look) throw failure;
      const seen = await look(want).catch(() => ({}));
      throw Object.assign(failure as LvsError, {
        id,
        properties: { ...inputsOf(props), ...seen, incomplete: true },
        reasons: [(failure as Error).message],
      });
    }
  }

  return {
    async check(_, news) {
      const { want, problems } = declared(inputs, inputsOf(news));
      return { inputs: { ...news, ...want }, failures: [...problems] };
    },

    async diff(_, olds, news) {
      return {
        changes: Boolean(olds.incomplete) || !same(comparable(olds, news), comparable(news, news)),
        replaces: [],
      };
    },

    async create(news) {
      const want = wanted(news);
      const id = workflow.id(want);
      return { id, outs: await happen(id, want, news) };
    },

    async update(id, olds, news) {
      if (!olds.incomplete && same(triggers(comparable(olds, news)), triggers(comparable(news, news))))
        return { outs: { ...inputsOf(news), ...told(olds) } };
      return { outs: await happen(id, wanted(news), news) };
    },

    async read(id, stored) {
      const props = look ? { ...stored, ...(await look(wanted(stored))) } : stored;
      return { id, props, inputs: comparable(props, look ? props : {}) };
    },

    async delete(_, stored) {
      await end?.(wanted(stored));
    },
  };

  /** An output counts where the normal form has it, too: what runs is compared with what shall run. */
  function comparable(props: Props, normal: Props): Props {
    return Object.fromEntries(
      Object.entries(inputsOf(props)).filter(([key]) => !outputs.includes(key) || key in normal),
    );
  }
}

/** What is declared, and what is told besides. */
function inputsOf({ __provider: _, incomplete: __, ...props }: Props): Props {
  return props;
}
