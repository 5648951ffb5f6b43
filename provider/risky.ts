import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Command, type Reply, type Session, sh } from "./command";
import { HostError, StepFailed } from "./errors";
import type { Step } from "./kind";
import { quote } from "./shell";
import { stepFailed } from "./step-failed";

/** Seconds until the host undoes a risky step by itself: time for a new connection to a slow host. */
const PATIENCE = 45;

/**
 * Never saw off the branch we sit on: the host is told to undo the step by itself, then the step is done, and only a *new*
 * connection calls the undoing off. Network equipment knows this as commit-confirmed.
 */
export async function runRisky(session: Session, step: Step): Promise<void> {
  const mark = `lvs-undo-${randomBytes(6).toString("hex")}`;
  const undo = step.risky?.undo as Command;
  let answered: Awaited<ReturnType<Session["run"]>> | undefined;
  try {
    answered = await session.run({ steps: [arm(mark, undo), step.run], limit: 25 });
  } catch (error) {
    // The step may have taken away the road on which its answer would have come: the new connection tells.
    if (!(error instanceof HostError) || (error.what !== "cut" && error.what !== "timeout")) throw error;
  }
  const [armed, done] = answered?.steps ?? [];
  if (armed && armed.exit !== 0) throw stepFailed(session, { ...step, because: "arming the way back" }, armed);
  try {
    await session.reconnect();
  } catch (cause) {
    throw new StepFailed(`host ${session.name}: ${step.because}: ${await cutOff(session)}`, { cause });
  }
  const off = await callOff(session, mark);
  if (done && done.exit !== 0) throw stepFailed(session, step, done);
  if (off?.exit === 0) return;
  // Its answer did not come back, and the host was reached only after it had put the old state back.
  const why = answered ? "the host undid it before the new connection was proven; run again" : BACK;
  throw new StepFailed(`host ${session.name}: ${step.because}: ${why}`);
}

const CURE = "Is the gateway right, and does it forward to where Pulumi runs?";
const BACK = `this cut off our own connection; the host has put the old state back by itself and answers again. ${CURE}`;

/** Tried again over another connection: a thing that is about to be undone must not be taken for done. */
async function callOff(session: Session, mark: string): Promise<Reply | undefined> {
  const attempt = async () => (await session.run({ steps: [disarm(mark)], limit: 20 })).steps[0];
  try {
    return await attempt();
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return await attempt();
  }
}

async function cutOff(session: Session): Promise<string> {
  const end = Date.now() + (PATIENCE + 45) * 1000;
  await sleep(PATIENCE * 500);
  while (Date.now() < end) {
    try {
      await session.reconnect();
      return BACK;
    } catch {
      await sleep(2000);
    }
  }
  return `this cut off our own connection, and the host does not answer although it was told to put the old state back. ${CURE}`;
}

// A transient timer where there is systemd; AccuracySec because timers may otherwise be a minute late.
function arm(mark: string, undo: Command): Command {
  const words = undo.argv.map(quote).join(" ");
  return sh(
    `if [ -d /run/systemd/system ]; then
      systemd-run -q --collect --unit="$1" --on-active=${PATIENCE} --timer-property=AccuracySec=1s /bin/sh -c "$2"
    else
      mkdir -p /run/lock/lvs && : >"/run/lock/lvs/$1" &&
      setsid sh -c 'sleep ${PATIENCE}; [ -e "/run/lock/lvs/$1" ] && rm -f "/run/lock/lvs/$1" && eval "$2"' sh "$1" "$2" </dev/null >/dev/null 2>&1 &
    fi`,
    mark,
    words,
  );
}

function disarm(mark: string): Command {
  return sh(
    `if [ -d /run/systemd/system ]; then systemctl is-active -q "$1.timer" && systemctl stop "$1.timer"
    else [ -e "/run/lock/lvs/$1" ] && rm "/run/lock/lvs/$1"; fi`,
    mark,
  );
}
