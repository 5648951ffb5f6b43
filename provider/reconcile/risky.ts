import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Command, inline, type Reply, type Session, sh } from "../host/command";
import { HostError, StepFailed } from "../host/errors";
import { poll } from "../host/poll";
import { around, forGood, inShell, LOCKS, LOCKS_THERE, quote } from "../host/shell";
import { STOP_TIMER, startTimer } from "./host-timer";
import type { Risk, Step } from "./kind";
import { WAY } from "./way";

/**
 * Seconds until the host undoes a risky step by itself, besides those that the step may take. A connection that the step broke
 * is noticed after 40 s at most (the keepalive of dial.ts), and a new one is waited for 15 s (pool.ts).
 */
const PATIENCE = 60;

function patience({ limit = 0 }: Step): number {
  return PATIENCE + limit;
}

/** Exit status of a guarded step that waits for the proof of a new connection. The last line says how the step itself ended. */
const UNPROVEN = 76;

/**
 * A step that may cut us off, guarded. The host arms a timer that undoes the step, and then runs the step. If the packets of our
 * connection go the same way as before, the timer is called off at once. Otherwise the trip ends there, and only a new
 * connection calls the timer off: the present connection may outlive a change that prevents new ones. Network equipment knows
 * the procedure as "commit confirmed".
 */
export interface Guard {
  readonly step: Step & { readonly risky: Risk };
  readonly run: Command;
  /** Calls the timer off, and prints whether the step is "kept", was "undone", or is "unarmed": it has not run. */
  readonly confirm: Command;
  readonly mark: string;
}

/** @param name the name of the thing's entry in the ledger */
export function guard(name: string, step: Step & { readonly risky: Risk }): Guard {
  const mark = `lvs-undo-${randomBytes(6).toString("hex")}`;
  const undo = step.risky.undo.argv.map(quote).join(" ");
  const { touches, lasting, only = "" } = step.risky;
  const args = [folderOf(name), mark, undo, touches, String(patience(step)), lasting ? "yes" : "no", only];
  const script = `folder=$1 mark=$2 undo=$3 touches=$4 patience=$5 lasting=$6 only=$7
${WAY}
${ARM}
act() {
${inShell(step.run)}
}
[ -z "$only" ] || ! ends || [ "$client" = "$only" ] || [ "$server" = "$only" ] || { act; exit; }
before=$(way); arm </dev/null || { echo "the way back cannot be armed" >&2; exit 1; }
act
r=$?
: >"$folder/ran"; after=$(way); [ "$touches,$after" = "way,$before" ] && [ -n "$after" ] && mv "$folder/mark" "$folder/proven" && { ${STOP}; exit $r; }
printf '\\n%s %s' "$mark" $r; exit ${UNPROVEN}`;
  return {
    step,
    mark,
    run: around(step.run, script, ...args),
    confirm: sh(CONFIRM, folderOf(name), mark),
  };
}

/**
 * The folder of a thing's armed undo: `mark` names the timer, and whoever renames that file decides. After a reboot
 * the folder is gone, and so is the timer.
 */
function folderOf(name: string): string {
  return `${LOCKS}/undo.${name}`;
}

/** The mark of a lasting change that is not proven yet. Without the folder of its undo there was a reboot since. */
export function unprovenMark(name: string): { readonly mark: string; readonly armed: string } {
  return { mark: `/var/lib/lvs/undo.${name}`, armed: folderOf(name) };
}

const LASTING = `"/var/lib/lvs/\${folder##*/}"`;
const PROVEN = `[ ! -e ${LASTING} ] || { rm -f ${LASTING} && rmdir --ignore-fail-on-non-empty /var/lib/lvs && ${forGood(LASTING)}; }`;

// The kernel takes routes and other addresses away with an address or a link, so all that are missing are put back as well.
const FIRE = `folder=$1; [ "$(cat "$1/mark" 2>/dev/null)" = "$2" ] && mv "$1/mark" "$1/undone" || exit 0
eval "$3"
${PROVEN}
[ ! -s "$1/addresses" ] || ip address restore <"$1/addresses"
for family in 4 6; do [ ! -s "$1/routes$family" ] || ip "-$family" route restore <"$1/routes$family"; done
: >"$1/over"`;

const ARM = `arm() {
  ${LOCKS_THERE} && rm -rf "$folder" && (umask 077; mkdir "$folder") && echo "$mark" >"$folder/mark" || return
  [ "$lasting" = no ] || { mkdir -p /var/lib/lvs && : >${LASTING} && sync ${LASTING} && ${forGood(LASTING)}; } || return
  {
    ip address save >"$folder/addresses"
    for family in 4 6; do ip "-$family" route save table all type unicast >"$folder/routes$family"; done
  } 2>/dev/null
  ${startTimer(FIRE, '"$folder" "$mark" "$undo"')}
}`;

// The folder goes last, so that a command that comes after an interruption does what is left.
const STOP = `${PROVEN}
${STOP_TIMER}
rm -rf "$folder"`;

const CONFIRM = `folder=$1 mark=$2 n=0
[ "$(cat "$folder/mark" 2>/dev/null)" = "$mark" ] && mv "$folder/mark" "$folder/proven"
if [ "$(cat "$folder/proven" 2>/dev/null)" = "$mark" ]; then
  [ -e "$folder/ran" ] && said=kept || said=unarmed
  ${STOP}; echo "$said"
elif [ "$(cat "$folder/undone" 2>/dev/null)" = "$mark" ]; then
  until [ -e "$folder/over" ] || [ $n -ge 100 ]; do n=$((n + 1)); sleep 0.1; done
  rm -rf "$folder"; echo undone
else echo unarmed; fi`;

/**
 * Cancels the undo that an interrupted run left armed. That run was killed before its new connection had shown that the step
 * did no harm. The connection that runs this command is a new one, and shows the same.
 */
export function disarmFormer(name: string): Command {
  return inline(
    `[ ! -d "$1" ] || (folder=$1; mark=$(cat "$folder/mark" "$folder/proven" 2>/dev/null); ${STOP})`,
    folderOf(name),
  );
}

/** How the guarded step itself ended, if it waits for a proof. */
export function unproven({ mark }: Guard, reply: Reply | undefined): number | undefined {
  const said = reply?.exit === UNPROVEN ? new RegExp(`\\n${mark} (\\d+)$`).exec(reply.stdout)?.[1] : undefined;
  return said === undefined ? undefined : Number(said);
}

/**
 * Proves by a new connection that a step did no harm.
 *
 * @param cut why the step has not answered: it may have cut the connection, or never have run
 */
export async function prove(session: Session, { step, confirm }: Guard, cut?: HostError): Promise<void> {
  const failed = (why: string, cause?: unknown) =>
    new StepFailed(`host ${session.name}: ${step.purpose}: ${why}`, { cause });
  try {
    await session.reconnect();
  } catch (cause) {
    if (!(await answersAgain(session, patience(step)))) throw failed(inVain(step.risky), cause);
    await confirmed(session, confirm).catch(() => {});
    throw failed(undone(step.risky), cause);
  }
  const now = await confirmed(session, confirm);
  if (now === "undone")
    throw failed(cut ? undone(step.risky) : "the host undid it before the new connection was proven; run again");
  if (cut && now === "unarmed") throw cut;
}

function undone({ advice, undone = PUT_BACK }: Risk): string {
  return `this cut off our own connection; the host has ${undone} by itself and answers again. ${advice}`;
}

function inVain({ advice, undone = PUT_BACK }: Risk): string {
  return `this cut off our own connection, and the host does not answer although it should have ${undone} by itself. ${advice}`;
}

const PUT_BACK = "put the old state back";

/**
 * Calls the undo off. If the connection is lost meanwhile, this is tried once more over another one: without its answer, a step
 * that is about to be undone would count as done.
 */
async function confirmed(session: Session, confirm: Command): Promise<string | undefined> {
  const attempt = async () => (await session.run({ steps: [confirm], limit: 30 })).steps[0]?.stdout.trim();
  try {
    return await attempt();
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return await attempt();
  }
}

/** Waits for the host to undo the step, and tells whether the host answers again. */
async function answersAgain(session: Session, within: number): Promise<boolean> {
  // No attempt is made in the first half of the time, because the undo comes at its end.
  await sleep(within * 500);
  const attempt = () =>
    session.reconnect().then(
      () => true,
      () => false,
    );
  return await poll(attempt, Boolean, { within: within / 2 + 45, every: 2 });
}
