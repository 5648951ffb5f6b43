import { type Command, sh } from "../host/command";
import { type Fact, printed } from "../host/fact";
import { INPUT_INTO_PLACE, REMOVED_FOR_GOOD } from "../host/shell";
import { BIRD_MAIN, BIRD_PARTS, BIRD_PROTOCOL, type OperatorNote, readNote, unfitFile, withdrawnFile } from "../model";

/** A session of BGP as BIRD tells it. */
export interface BgpSession {
  /** Established, or what it waits for: Idle, Connect, Active, OpenSent, OpenConfirm, Down. */
  readonly state: string;
  /** The time of the last change, as in ISO 8601. */
  readonly since?: string;
}

/** What BIRD says of an announcement. */
export interface Announced {
  /** The sessions by the router's address. */
  readonly sessions: Readonly<Record<string, BgpSession>>;
  /** An operator has withdrawn the announcement on this host. */
  readonly withdrawn?: Partial<OperatorNote>;
  /** The host has withdrawn it by itself: why, and since when. */
  readonly unfit?: Partial<OperatorNote>;
}

/** The sessions that carry announcements, and whether an operator or the host itself has withdrawn this one. */
export function announced(announcement: string): Fact<Announced> {
  const ask = sh(
    `for file in withdrawn "$1" unfit "$2"; do
      case $file in
      /*) ! grep -qs '^disabled;' "$file" || { printf '%s ' "$who"; sed -n 's/^# //p' "$file"; echo; } ;;
      *) who=$file ;;
      esac
    done
    birdc show protocols all '"${BIRD_PROTOCOL}*"' 2>/dev/null`,
    withdrawnFile(announcement),
    unfitFile(announcement),
  );
  return printed(ask, (text) => {
    const by = (who: string) => {
      const [, note] = new RegExp(`^${who} (.*)$`, "m").exec(text) ?? [];
      return note === undefined ? {} : { [who]: readNote(note) };
    };
    return { sessions: sessionsIn(text), ...by("withdrawn"), ...by("unfit") };
  });
}

/** Each protocol begins with a line "name BGP --- up 1764159000 Established"; further lines are indented. */
function sessionsIn(text: string): Record<string, BgpSession> {
  const sessions: Record<string, BgpSession> = {};
  for (const [, seconds, more = ""] of text.matchAll(/^\S+ +BGP +\S+ +\S+ +(\S+)(.*(?:\n +.*|\n(?=\n? ))*)/gm)) {
    const address = /^ +Neighbor address: (\S+)/m.exec(more)?.[1];
    const state = /^ +BGP state: +(\S+)/m.exec(more)?.[1];
    if (!address || !state) continue;
    const since = /^\d{9,12}$/.test(seconds ?? "") ? new Date(Number(seconds) * 1000).toISOString() : undefined;
    sessions[address] = { state, ...(since && { since }) };
  }
  return sessions;
}

/** What helps where two announcements of a host declare one file differently. */
export function announcedAlike(path: string): string | undefined {
  if (path.startsWith(`${BIRD_PARTS}/session_`))
    return "all announcements of a host share the session with a router. Give them one asn, and that router one asn, password and bfd";
  return path === BIRD_MAIN
    ? "all announcements of a host share bird.conf. Give them one routerId (failover.routerIds of clusters), or none"
    : undefined;
}

const RELOAD = "{ said=$(birdc configure 2>&1) || { printf '%s\\n' \"$said\" >&2; exit 1; }; }";

/** BIRD takes the note for a part of the announcement, at once and at every start: the announcement is disabled. */
export function withdraw(announcement: string, note: OperatorNote): Command {
  const run = sh(`umask 022; ${INPUT_INTO_PLACE} && ${RELOAD}`, withdrawnFile(announcement));
  return { ...run, stdin: `disabled;\n# ${JSON.stringify(note)}\n` };
}

export function announceAgain(announcement: string): Command {
  return sh(`${REMOVED_FOR_GOOD} && ${RELOAD}`, withdrawnFile(announcement));
}

/** BIRD does not hear of it: the announcement is going. */
export function forgetWithdrawal(announcement: string): Command {
  return sh(REMOVED_FOR_GOOD, withdrawnFile(announcement));
}
