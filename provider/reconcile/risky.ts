import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Command, type Reply, type Session, sh } from "../host/command";
import { HostError, StepFailed } from "../host/errors";
import { poll } from "../host/poll";
import { LOCKS, LOCKS_THERE, quote } from "../host/shell";
import type { Step } from "./kind";
import { stepFailed } from "./step-failed";

/** Seconds until the host undoes a risky step by itself. A new connection to a slow host needs some of them. */
const PATIENCE = 45;

/**
 * Runs a step that may cut off our own connection. First the host is told to undo the step after some seconds. Then the step
 * runs. Only a new connection cancels the undo, because the present connection may outlive a change that prevents new ones.
 * Network equipment has the same as "commit confirmed".
 *
 * @param name the name of the thing's entry in the ledger
 */
export async function runRisky(session: Session, name: string, step: Step): Promise<void> {
  const mark = `lvs-undo-${randomBytes(6).toString("hex")}`;
  const undo = step.risky?.undo as Command;
  let answered: Awaited<ReturnType<Session["run"]>> | undefined;
  try {
    answered = await session.run({ steps: [arm(name, mark, undo), step.run], limit: 25 });
  } catch (error) {
    // The step may have cut the connection before its answer came. The new connection shows whether the step did harm.
    if (!(error instanceof HostError) || (error.what !== "cut" && error.what !== "timeout")) throw error;
  }
  const [armed, done] = answered?.steps ?? [];
  if (armed && armed.exit !== 0) throw stepFailed(session, { ...step, purpose: "arming the way back" }, armed);
  try {
    await session.reconnect();
  } catch (cause) {
    throw new StepFailed(`host ${session.name}: ${step.purpose}: ${await waitForUndo(session)}`, { cause });
  }
  const cancelled = await cancel(session, disarm(name, mark));
  if (done && done.exit !== 0) throw stepFailed(session, step, done);
  if (cancelled?.exit === 0) return;
  // The undo ran before it could be cancelled. If the step did not answer either, the step had cut us off.
  const why = answered ? "the host undid it before the new connection was proven; run again" : UNDONE;
  throw new StepFailed(`host ${session.name}: ${step.purpose}: ${why}`);
}

const ADVICE = "Is the gateway right, and does it forward to where Pulumi runs?";
const UNDONE = `this cut off our own connection; the host has put the old state back by itself and answers again. ${ADVICE}`;

/**
 * Cancels the undo. If the connection is lost meanwhile, this is tried once more over another one: without its answer, a step
 * that is about to be undone would count as done.
 */
async function cancel(session: Session, disarming: Command): Promise<Reply | undefined> {
  const attempt = async () => (await session.run({ steps: [disarming], limit: 20 })).steps[0];
  try {
    return await attempt();
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return await attempt();
  }
}

/** Waits for the host to undo the step, and tells whether the host answers again. */
async function waitForUndo(session: Session): Promise<string> {
  // No attempt is made in the first half of the time, because the undo comes at its end.
  await sleep(PATIENCE * 500);
  const attempt = () =>
    session.reconnect().then(
      () => true,
      () => false,
    );
  if (await poll(attempt, Boolean, { within: PATIENCE / 2 + 45, every: 2 })) return UNDONE;
  return `this cut off our own connection, and the host does not answer although it was told to put the old state back. ${ADVICE}`;
}

/**
 * The file that names the armed undo of a thing. The undo runs only if the file still names it, so removing the file cancels
 * the undo. The folder is empty after a reboot, and so is the list of timers.
 */
function armedFile(name: string): string {
  return `${LOCKS}/undo.${name}`;
}

// With systemd, the undo is a transient timer. Without AccuracySec a timer may be a minute late (systemd.timer(5)).
function arm(name: string, mark: string, undo: Command): Command {
  const fire = '[ "$(cat "$1" 2>/dev/null)" = "$2" ] && rm -f "$1" && eval "$3"';
  return sh(
    `${LOCKS_THERE} && echo "$2" >"$1" &&
    if [ -d /run/systemd/system ]; then
      systemd-run -q --collect --unit="$2" --on-active=${PATIENCE} --timer-property=AccuracySec=1s \\
        /bin/sh -c ${quote(fire)} sh "$1" "$2" "$3"
    else
      setsid sh -c ${quote(`sleep ${PATIENCE}; ${fire}`)} sh "$1" "$2" "$3" </dev/null >/dev/null 2>&1 &
    fi`,
    armedFile(name),
    mark,
    undo.argv.map(quote).join(" "),
  );
}

function disarm(name: string, mark: string): Command {
  return sh(`[ "$(cat "$1" 2>/dev/null)" = "$2" ] && rm "$1" && { ${STOP}; }`, armedFile(name), mark);
}

const STOP = '[ ! -d /run/systemd/system ] || systemctl stop "$2.timer" 2>/dev/null || :';

/**
 * Cancels the undo that an interrupted run left armed. That run was killed before its new connection had shown that the step
 * did no harm. The connection that runs this command is a new one, and shows the same.
 */
export function disarmFormer(name: string): Command {
  return sh(`[ ! -e "$1" ] || { set -- "$1" "$(cat "$1")"; rm -f "$1"; ${STOP}; }`, armedFile(name));
}
