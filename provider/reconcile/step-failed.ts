import type { Reply, Session } from "../host/command";
import { StepFailed } from "../host/errors";
import type { Step } from "./kind";

/** The error of a failed step: host, purpose, exit status, the end of the step's output, and the cure if one is known. */
export function stepFailed(session: Session, step: Step, reply: Reply): StepFailed {
  const output = (reply.stderr.trim() || reply.stdout.trim()).split("\n").slice(-6).join("; ").slice(0, 1500);
  const advice = step.advice?.(reply);
  return new StepFailed(
    `host ${session.name}: ${step.purpose}: exit ${reply.exit}: ${output}${advice ? `. ${advice}` : ""}`,
  );
}
