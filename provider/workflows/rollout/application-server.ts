import { type Application, LISTING, releaseFolder, unitFile, unitOf } from "../../application/places";
import { type Command, type Reply, sh } from "../../host/command";
import { LvsError } from "../../host/errors";
import { type Fact, fact, printed } from "../../host/fact";
import { ENABLED_FOR_GOOD, intoPlace } from "../../host/shell";
import { MENDED } from "../../kinds/release-arrival";
import { UNTIL_ACTIVE } from "../../kinds/systemd-steps";
import { bracketed } from "../../model/index";
import type { Step } from "../../reconcile/kind";

/** Which release of an application runs on one real server. */
export interface Runs {
  /** The release that `current` leads to; "" if none was ever started. */
  readonly current: string;
  /** What keeps the server from running exactly this release, in words. The list is empty if nothing does. */
  readonly wrong: readonly string[];
}

/** The text for the state and for the differences that a refresh shows. It is the release alone if nothing is wrong. */
export function inWords({ current, wrong }: Runs): string {
  return [current || "nothing", ...wrong].join(", ");
}

/** Shell: `started` prints a release's name, and the inode and time of change of its manifest, environment and unit. */
export const STARTED = `started() { cd "$1/current" && echo "$2 $(stat -L -c %i.%.Z manifest environment unit 2>/dev/null | tr '\\n' ' ')"; }`;

/**
 * Looks at which release runs. The file `running` has the output of `started` from the last start. If the output is another one
 * now, the release was unpacked or its environment was written after the start, so the new content does not run yet. If the
 * files of the release were changed, it is not known what runs.
 */
export function whatRuns(application: Application): Fact<Runs> {
  const ask = sh(
    `${LISTING}
    ${STARTED}
    root=$1 unit=$2 file=$3
    id=$(readlink "$root/current"); id=\${id#releases/}
    echo "current $id"; [ -n "$id" ] || exit 0
    if [ ! -d "$root/current/app" ]; then echo "its release is not there"
    elif [ "$(listing "$root/current/app")" != "$(cat "$root/current/manifest")" ]; then echo "its files were changed"; fi
    [ "$(cat "$root/running" 2>/dev/null)" = "$(started "$root" "$id" 2>/dev/null)" ] || echo "not restarted since its release was put there"
    cmp -s "$root/current/unit" "$file" || echo "$file is not its release's"
    systemctl -q is-enabled "$unit" 2>/dev/null || echo "not enabled"
    state=$(systemctl is-active "$unit" 2>/dev/null); [ "$state" = active ] || echo "\${state:-unknown}"`,
    application.root,
    unitOf(application),
    unitFile(application),
  );
  return fact(ask, ({ exit, stdout, stderr }) => {
    if (exit !== 0) throw new LvsError(`looking at what runs: ${stderr.trim()}`);
    const [first = "", ...wrong] = stdout.split("\n").filter((line) => line !== "");
    return { current: first.replace(/^current ?/, ""), wrong };
  });
}

/** The release that `current` leads to; "" if none was ever started. */
export function currentRelease({ root }: Application): Fact<string> {
  return printed({ argv: ["readlink", `${root}/current`] }, (output) => output.trim().replace(/^releases\//, ""));
}

/** Switches from one release to another by rename(2): a process that opens a file gets it from one of the two releases. */
export function switchTo(application: Application, release: string): Step[] {
  const { root } = application;
  const [unit, file] = [unitOf(application), unitFile(application)];
  const short = release.slice(0, 12);
  const link = `cd "$1" && [ -d "releases/$2/app" ] && rm -f running && ln -sfn "releases/$2" .current && ${intoPlace(".current", "current")} &&
    cp "current/unit" "$3.lvs-new" && chmod 644 "$3.lvs-new" && ${intoPlace('"$3.lvs-new"', '"$3"')} && systemctl daemon-reload`;
  const start = `unit=$1; systemctl -q enable "$unit" && ${ENABLED_FOR_GOOD} && { systemctl reset-failed "$unit" 2>/dev/null; systemctl restart "$unit"; } || exit 1
    ${UNTIL_ACTIVE}`;
  const note = `${STARTED}
    ${MENDED}
    id=$(readlink "$1/current"); id=\${id#releases/}; mended "$1/releases" "$id"
    started "$1" "$id" >"$1/.running" && ${intoPlace('"$1/.running"', '"$1/running"')}`;
  return [
    {
      run: sh(link, root, release, file),
      purpose: `switching to release ${short}`,
      advice: () => `Is ${releaseFolder(application, release)} there, as its Release declares?`,
    },
    {
      run: sh(start, unit),
      purpose: `restarting ${unit} with release ${short}`,
      // A site that has left the program, or has another name now, runs until the end of the update.
      advice: ({ stderr }) =>
        /address (is )?already in use|EADDRINUSE/i.test(stderr)
          ? "Another service of the host has its port, perhaps the site's own under its former name: give application.port another number"
          : undefined,
      limit: 300,
    },
    { run: sh(note, root), purpose: `noting that release ${short} runs` },
  ];
}

/** The answer of an application that is ready. */
export interface Ready {
  /** The path that is requested from the server's own address: "/readyz". */
  readonly path: string;
  readonly status: number;
  readonly contains?: string | undefined;
  /** Seconds to wait for this answer. */
  readonly within: number;
}

/** Requests the path on the server itself, from the address that the directors' tables have, and judges the answer. */
export function probe({ path, status, contains }: Ready, address: string, server: string) {
  return {
    look: sh(`curl -gsS --noproxy "*" -i --max-time 20 "$1" | head -c 8192`, `http://${bracketed(address)}${path}`),
    missing({ stdout, stderr }: Reply): string | undefined {
      const [head = "", ...body] = stdout.split(/\r?\n\r?\n/);
      const answered = /^HTTP\/\S+ (\d+)/.exec(head)?.[1];
      if (!answered) return `${path} is not answered: ${stderr.trim() || "no answer"}`;
      const text = body.join("\n\n").trim();
      if (Number(answered) !== status) return `${path} answers ${answered}: ${inOneLine(text)}`;
      const backend = /^x-backend: *(.*?)\r?$/im.exec(head)?.[1];
      if (backend !== server)
        return `${path} is answered by ${backend ?? "a server without X-Backend"}, not by ${server}`;
      if (contains !== undefined && !text.includes(contains)) return `${path} does not contain "${contains}"`;
      return undefined;
    },
  };
}

/** The text of a page, shortened to one line for a message. */
function inOneLine(text: string): string {
  return text
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 200);
}

/** A step that only waits until the application is ready. */
export function untilReady(ready: Ready, address: string, server: string): Step {
  return {
    run: { argv: ["true"] },
    purpose: `waiting until ${server} is ready`,
    until: { ...probe(ready, address, server), within: ready.within },
  };
}

/** The end of the application's log. */
export function endOfLog(application: Application): Fact<string> {
  const ask = sh(`journalctl -u "$1" -n 15 --no-pager -o cat 2>/dev/null || :`, unitOf(application));
  return printed(ask, (output) => output.trim());
}

/**
 * A command that runs in the folder of a release, as the application's user and with its environment. Root alone can read the
 * environment, so root opens it; the variables are set only after the user was changed, because PATH or LD_PRELOAD would
 * otherwise decide what root runs. Each line of the environment is one variable.
 */
export function runIn(application: Application, release: string, user: string, argv: readonly string[]): Command {
  return sh(
    `cd "$1/app" && export HOME=/nonexistent || exit 1
    user=$2; shift 2
    exec setpriv --reuid="$user" --regid="$user" --init-groups -- \
      sh -c 'set -a; while IFS= read -r line; do eval "$line"; done <&3; set +a; exec 3<&-; exec "$@"' sh "$@" 2>&1 3<../environment`,
    releaseFolder(application, release),
    user,
    ...argv,
  );
}
