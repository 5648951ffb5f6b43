import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Command, type Reply, type Session, sh } from "../host/command";
import { HostError, StepFailed } from "../host/errors";
import { poll } from "../host/poll";
import { LOCKS, quote } from "../host/shell";
import type { Step } from "./kind";
import { stepFailed } from "./step-failed";

/** Seconds until the host undoes a risky step by itself: time for a new connection to a slow host. */
const PATIENCE = 45;

/**
 * Never saw off the branch we sit on: the host is told to undo the step by itself, then the step is done, and only a *new*
 * connection calls the undoing off. Network equipment knows this as commit-confirmed.
 *
 * @param name of the thing's entry in the ledger
 */
export async function runRisky(session: Session, name: string, step: Step): Promise<void> {
  const mark = `lvs-undo-${randomBytes(6).toString("hex")}`;
  const undo = step.risky?.undo as Command;
  let answered: Awaited<ReturnType<Session["run"]>> | undefined;
  try {
    answered = await session.run({ steps: [arm(name, mark, undo), step.run], limit: 25 });
  } catch (error) {
    // The step may have taken away the road on which its answer would have come: the new connection tells.
    if (!(error instanceof HostError) || (error.what !== "cut" && error.what !== "timeout")) throw error;
  }
  const [armed, done] = answered?.steps ?? [];
  if (armed && armed.exit !== 0) throw stepFailed(session, { ...step, purpose: "arming the way back" }, armed);
  try {
    await session.reconnect();
  } catch (cause) {
    throw new StepFailed(`host ${session.name}: ${step.purpose}: ${await cutOff(session)}`, { cause });
  }
  const off = await callOff(session, disarm(name, mark));
  if (done && done.exit !== 0) throw stepFailed(session, step, done);
  if (off?.exit === 0) return;
  // Its answer did not come back, and the host was reached only after it had put the old state back.
  const why = answered ? "the host undid it before the new connection was proven; run again" : BACK;
  throw new StepFailed(`host ${session.name}: ${step.purpose}: ${why}`);
}

const ADVICE = "Is the gateway right, and does it forward to where Pulumi runs?";
const BACK = `this cut off our own connection; the host has put the old state back by itself and answers again. ${ADVICE}`;

/** Tried again over another connection: a thing that is about to be undone must not be taken for done. */
async function callOff(session: Session, off: Command): Promise<Reply | undefined> {
  const attempt = async () => (await session.run({ steps: [off], limit: 20 })).steps[0];
  try {
    return await attempt();
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return await attempt();
  }
}

async function cutOff(session: Session): Promise<string> {
  // Not before the half of it: every attempt would only fail.
  await sleep(PATIENCE * 500);
  const attempt = () =>
    session.reconnect().then(
      () => true,
      () => false,
    );
  if (await poll(attempt, Boolean, { within: PATIENCE / 2 + 45, every: 2 })) return BACK;
  return `this cut off our own connection, and the host does not answer although it was told to put the old state back. ${ADVICE}`;
}

/** Where it stands which way back is armed for a thing. Whoever removes it has called it off; after a reboot nothing is armed. */
function armedFile(name: string): string {
  return `${LOCKS}/undo.${name}`;
}

// A transient timer where there is systemd; AccuracySec because timers may otherwise be a minute late.
function arm(name: string, mark: string, undo: Command): Command {
  const fire = '[ "$(cat "$1" 2>/dev/null)" = "$2" ] && rm -f "$1" && eval "$3"';
  return sh(
    `mkdir -p ${LOCKS} && echo "$2" >"$1" &&
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
 * Calls off what an interrupted run left armed: it was killed before a new connection had proven its step harmless. Whoever runs this
 * has reached the host by a new one.
 */
export function disarmFormer(name: string): Command {
  return sh(`[ ! -e "$1" ] || { set -- "$1" "$(cat "$1")"; rm -f "$1"; ${STOP}; }`, armedFile(name));
}
