import { type Command, inline, sh } from "../host/command";
import { type Fact, printed } from "../host/fact";
import { hold, intoPlace } from "../host/shell";
import { entryName, FOLDER } from "../reconcile/ledger";
import { WITHHOLD } from "./withhold";

/**
 * The folder in which a host keeps a record of the files that its running services have loaded. Each unit has one record. The
 * first line says how the unit takes up a change, and which entry of the ledger declares the unit. Each further line is about
 * one file: SHA-256, inode and time of change, the file's entry in the ledger, path. Inode and time reveal a file that was
 * changed and put back; the service may have loaded the file in between.
 *
 * A record may outlive the unit's own entry. A service that was found running goes on with the files that it has loaded. It can
 * be reloaded only after the last of these files has been put back.
 */
const LOADED = "/var/lib/lvs/loaded";

/** The digest of a file that is absent. */
export const ABSENT = "absent";

const LOCKED = hold("loaded");
const TIDY = `rmdir ${LOADED} 2>/dev/null || :`;
/** Shell: the draft becomes the record. A record of no file is none. */
const CONFIRMED = `${intoPlace(`"${LOADED}/.$1"`, `"${LOADED}/$1"`)} &&
  { [ "$(wc -l <"${LOADED}/$1")" -gt 1 ] || { rm -f "${LOADED}/$1"; ${TIDY}; }; }`;
// Shell: prints the digest and the change mark of a path.
const STATE = `state() {
  if [ -e "$1" ]; then s=$(sha256sum <"$1") && printf '%s %s' "\${s%% *}" "$(stat -L -c %i.%Z -- "$1")"; else printf '${ABSENT} -'; fi
}`;

export interface LoadedFile {
  readonly sha256: string;
  /** Changes with every replacement of the file. */
  readonly mark: string;
  /** The file is in the ledger, so it will be put back when its resource is deleted. */
  readonly declared: boolean;
  /** The file was changed last before the unit's main process began. A daemon that reads it at its start has loaded it. */
  readonly older?: true;
}

export type Loaded = Readonly<Record<string, LoadedFile>>;

/** What is noted of a unit. */
export interface Noted {
  /** The files that the unit has loaded, as they were then. */
  readonly loaded: Loaded;
  /**
   * There is a draft, because a step on the way to the record failed or was interrupted; or a record without a file, which a
   * former version left.
   */
  readonly draft?: true;
}

export function noted(unit: string): Fact<Noted> {
  const ask = sh(
    `[ ! -e "\${1%/*}/.\${1##*/}" ] || echo draft
    [ -r "$1" ] || exit 0
    { read -r _; some=; while read -r sha mark entry path; do
      if [ -e "${FOLDER}/$entry" ]; then d=declared; else d=loose; fi
      some=1; printf '%s %s %s %s\\n' "$sha" "$mark" $d "$path"
    done; [ -n "$some" ] || echo draft; } <"$1"`,
    `${LOADED}/${unit}`,
  );
  return printed(ask, (text) => ({ loaded: parseLoaded(text), ...(/^draft$/m.test(text) && { draft: true }) }));
}

// Shell: sets `began` to the second in which the unit's main process began; 0 where there is none. The kernel counts ticks of
// a hundredth from its own start (proc_pid_stat(5), starttime). Both clocks are cut off to seconds, so one second is taken away.
const BEGAN = `began=0; pid=$(systemctl show -p MainPID --value "$1" 2>/dev/null)
  if [ "\${pid:-0}" -gt 0 ] && read -r stat <"/proc/$pid/stat" && read -r up _ </proc/uptime; then
    read -r _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ ticks _ <<.
\${stat##*) }
.
    began=$(($(date +%s) - \${up%.*} + ticks / 100 - 1))
  fi 2>/dev/null`;

/**
 * The files at these paths, as they are now. Where all are there, two programs look at all of them. sha256sum puts a backslash
 * before the digest of a file whose name has a character that it has to escape.
 */
export function filesNow(paths: readonly string[], unit: string): Fact<Loaded> {
  const ask = sh(
    `[ $# -gt 1 ] || exit 0
    ${STATE}
    ${BEGAN}
    shift; nl='
'
    sums=$(sha256sum -- "$@" 2>/dev/null) && marks=$(stat -L -c %i.%Z -- "$@" 2>/dev/null) || sums=
    for path; do
      if [ -n "$sums" ]; then
        sum=\${sums%%"$nl"*} mark=\${marks%%"$nl"*} sums=\${sums#*"$nl"} marks=\${marks#*"$nl"} sum=\${sum#\\\\} now="\${sum%% *} $mark"
      else now=$(state "$path"); fi
      changed=\${now##*.}; case $changed in ''|*[!0-9]*) changed=$began;; esac
      when=now; [ "$changed" -ge "$began" ] || when=older
      printf '%s %s %s\\n' "$now" $when "$path"
    done`,
    unit,
    ...paths,
  );
  return printed(ask, parseLoaded);
}

function parseLoaded(text: string): Loaded {
  return Object.fromEntries(
    [...text.matchAll(/^(\S+) (\S+) (\S+) ([^\n]+)$/gm)].map(([, sha256, mark, declared, path]) => [
      path,
      { sha256, mark, declared: declared === "declared", ...(declared === "older" && { older: true }) } as LoadedFile,
    ]),
  );
}

/**
 * Fails unless the files have the declared digests. Writes their present state into a draft of the unit's record, which
 * `confirmLoaded` puts in place once the service has loaded the files.
 */
export function prepareLoaded(unit: string, verb: Verb, files: Readonly<Record<string, string>>): Command {
  const entries = Object.entries(files).map(([path, sha256]) => ({ path, sha256, entry: entryName("File", path) }));
  const script = `${LOCKED}
    ${STATE}
    mkdir -p ${LOADED} && {
      printf '%s\\n' "$2"
      while read -r sha entry path; do
        now=$(state "$path"); now=\${now:-unreadable -}
        [ "\${now% *}" = "$sha" ] || { echo "$path is not as declared" >&2; exit 1; }
        printf '%s %s %s\\n' "$now" "$entry" "$path"
      done
      [ ! -r "${LOADED}/$1" ] || tail -n +2 "${LOADED}/$1" | while read -r sha mark entry path; do
        case $3 in *" $entry "*) continue;; esac
        [ ! -e "${FOLDER}/$entry" ] || printf '%s %s %s %s\\n' "$sha" "$mark" "$entry" "$path"
      done
    } >"${LOADED}/.$1"`;
  const known = ` ${entries.map(({ entry }) => entry).join(" ")} `;
  return {
    ...sh(script, unit, `${verb} ${entryName("SystemdService", unit)}`, known),
    stdin: entries.map(({ path, sha256, entry }) => `${sha256} ${entry} ${path}\n`).join(""),
  };
}

/** The verb of systemctl(1) by which a service takes up a changed configuration. */
export type Verb = "reload-or-restart" | "restart";

export function confirmLoaded(unit: string): Command {
  return sh(`${LOCKED}\n${CONFIRMED}`, unit);
}

/** The verb by which the unit takes up files that are put back; "" if the unit has no record. */
export function verbOf(unit: string): Fact<string> {
  const ask = sh(`[ ! -r "$1" ] || { read -r verb rest <"$1" && echo "$verb"; }`, `${LOADED}/${unit}`);
  return printed(ask, (output) => output.trim());
}

/** Notes that the unit is restarted when its files are put back, even if it takes up other changes by a reload. */
export function restartWhenPutBack(unit: string): Command {
  return sh(`${LOCKED}\nsed '1s/^[^ ]*/restart/' "${LOADED}/$1" >"${LOADED}/.$1" && ${CONFIRMED}`, unit);
}

/** Removes the unit's record. With `keep`, the lines of files that are still to be put back stay. */
export function forgetLoaded(unit: string, keep: boolean): Command {
  return sh(
    `${LOCKED}
    if [ "$2" = keep ]; then
      { read -r head; printf '%s\\n' "$head"; while read -r sha mark entry path; do
        [ ! -e "${FOLDER}/$entry" ] || printf '%s %s %s %s\\n' "$sha" "$mark" "$entry" "$path"
      done; } <"${LOADED}/$1" >"${LOADED}/.$1" && ${CONFIRMED}
    else rm -f "${LOADED}/$1" "${LOADED}/.$1"; fi
    ${TIDY}`,
    unit,
    keep ? "keep" : "all",
  );
}

/**
 * Shell: `discreet UNIT` prints its input without what the unit's files contain that others on the host cannot read. What
 * refuses a configuration may quote it.
 */
export const DISCREET = `${WITHHOLD}
discreet() {
  record=${LOADED}/.$1; [ -r "$record" ] || record=${LOADED}/$1
  set --
  if [ -r "$record" ]; then
    while read -r _ _ _ path; do
      case $(stat -L -c %a -- "$path" 2>/dev/null) in *[4567]|'') ;; *) set -- "$@" "$path";; esac
    done <"$record"
  fi
  if [ $# = 0 ]; then cat; else withhold "" "$@"; fi
}`;

/** The units that have loaded the file at this path. */
export function unitsThatLoaded(path: string): Fact<string[]> {
  // Each look at a file asks, and most hosts have no record of any: then no program is started.
  const ask = `set -- "$1" ${LOADED}/*; [ ! -e "$2" ] || (entry=$1; shift; grep -lsF " $entry " "$@" || :)`;
  return printed(inline(ask, entryName("File", path)), (text) =>
    text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.slice(LOADED.length + 1)),
  );
}

/**
 * Reloads or restarts the units that have loaded this file, after the file has been put back. A unit that is no longer declared
 * is reloaded once, after the last of its files: before that, a part of its configuration may be missing. A unit that refuses
 * the reload goes on with what it has. Meanwhile the unit itself may be taking up a change: its draft is left alone.
 */
export function reloadUnitsThatLoaded(path: string): Command {
  return sh(
    `${LOCKED}
    for stamp in ${LOADED}/*; do
      grep -qsF " $1 " "$stamp" || continue
      unit=\${stamp##*/}
      read -r verb entry <"$stamp"
      grep -vF " $1 " "$stamp" >"${LOADED}/.$unit.rest"; ${intoPlace(`"${LOADED}/.$unit.rest"`, '"$stamp"')} || exit 1
      left=$(($(wc -l <"$stamp") - 1))
      [ $left -gt 0 ] || rm -f "$stamp"
      if [ $left = 0 ] || [ -e "${FOLDER}/$entry" ]; then systemctl "try-$verb" "$unit" 8>&- || :; fi
    done
    ${TIDY}`,
    entryName("File", path),
  );
}
