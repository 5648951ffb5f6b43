import { join } from "node:path";
import { timed } from "./measure";

/** A resource, as the engine has it. */
export interface Own {
  readonly kind: string;
  readonly inputs: object;
  readonly id?: string;
  readonly state?: object;
  /** What a preview says. */
  readonly changes?: boolean;
}

/** Does what the engine asks of the provider, without Pulumi, in a process of its own. */
export async function own(verb: "create" | "preview" | "read" | "update" | "delete", resources: readonly Own[]) {
  const script = join(__dirname, "own.cjs");
  const { seconds, text } = await timed([process.execPath, script], {}, JSON.stringify({ verb, resources }));
  const answer = JSON.parse(text.slice(text.indexOf('{"resources"')));
  const { connections, execs, scripts } = answer.statistics;
  return {
    seconds,
    resources: answer.resources as Own[],
    counts: `${connections} connections, ${execs} channels, ${scripts} scripts`,
    /** Milliseconds for which the event loop was held at most. */
    held: answer.held as number,
  };
}
