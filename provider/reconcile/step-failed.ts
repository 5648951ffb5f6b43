import type { Reply, Session } from "../host/command";
import { StepFailed } from "../host/errors";
import { whatTools } from "../host/tools";
import type { Step } from "./kind";

/** The error of a failed step: host, purpose, exit status, the end of the step's output, and the cure if one is known. */
export function stepFailed(session: Session, step: Step, reply: Reply): StepFailed {
  const lines = [...new Set((reply.stderr.trim() || reply.stdout.trim()).split("\n"))];
  const output = lines.slice(-6).join("; ").slice(0, 1500);
  const advice = step.advice?.(reply) ?? whyNotWritten(output) ?? whatTools(reply.stderr);
  return new StepFailed(
    `host ${session.name}: ${step.purpose}: exit ${reply.exit}: ${output}${advice ? `. ${advice}` : ""}`,
    { refused: step.refused?.(reply) ?? false },
  );
}

/** The cure where the host takes nothing more, whatever the step writes. What was written so far is whole. */
function whyNotWritten(output: string): string | undefined {
  if (/No space left on device|Disk quota exceeded/.test(output))
    return "A file system there is full: make room (df -h and df -i say where), and run again";
  if (/Read-only file system/.test(output))
    return "A file system there is read-only: has its disk an error (dmesg)? Make it writable, and run again";
  const inTheWay = /mkdir: cannot create directory '(.*)': (File exists|Not a directory)/.exec(output)?.[1];
  if (inTheWay)
    return `Is ${inTheWay} a file there, or a link that leads nowhere (ls -l)? Move it away, or make the folder to which it leads, and run again`;
  if (/(cannot create|cp|dd|ln|mkdir|mv|rm|rmdir)\b.*: Operation not permitted/.test(output))
    return "Is a file or a folder there immutable (lsattr)? Whoever made it so has to take that back: chattr -i";
  return undefined;
}
