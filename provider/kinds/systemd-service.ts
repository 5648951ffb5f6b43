import { z } from "zod";
import { sh } from "../host/command";
import { LvsError } from "../host/errors";
import { fact, facts, map } from "../host/fact";
import { ABSENT, confirmLoaded, filesNow, forgetLoaded, type Loaded, noted, type Verb } from "../linux/loaded-files";
import { isGate } from "../linux/logins";
import { whyNotDeclared } from "../linux/special-units";
import { linking, UNIT_LINKS, unitLinks } from "../linux/unit-links";
import { loadedFiles } from "../reconcile/inputs";
import type { Kind, Step } from "../reconcile/kind";
import { about } from "../reconcile/kind";
import { comparing, daemonReload, enabling, reloading, starting, stopping, validate } from "./systemd-steps";

interface Want {
  unit: string;
  enabled: boolean;
  running: boolean;
  configuration?: Record<string, string> | undefined;
  reload: "reload" | "restart";
  validate?: string[] | undefined;
}

export interface UnitState {
  exists: boolean;
  /**
   * Whether the unit starts at boot. The value is null if this cannot be chosen: for units without an [Install] section and for
   * generated units.
   */
  enabled: boolean | null;
  running: boolean;
  /** The unit's file elsewhere, to which somebody has made a link (systemctl(1), link). The link goes with a `disable`. */
  linked?: string;
  /** What starts the unit at boot: see `UNIT_LINKS`. */
  links?: string[];
  /** The unit's file was changed after systemd had read it. */
  stale: boolean;
  /** The configuration files as the running service has loaded them, and as they are now. */
  loaded: Loaded;
  files: Loaded;
  /** What it was to load is noted, and it has not loaded it. */
  draft?: true;
}

/**
 * A systemd unit that is enabled, runs, and has loaded its configuration. A delete puts back whether the unit was enabled and
 * running.
 */
export const systemdService: Kind<Want, UnitState> = {
  name: "SystemdService",
  inputs: z
    .object({
      unit: z
        .string()
        .regex(/^[A-Za-z0-9_][\w@:.\\-]{0,246}$/, 'write a unit like "nginx.service"')
        // systemd starts and stops instances alone (systemd.unit(5)).
        .refine(
          (unit) => !/@(\.[a-z]+)?$/.test(unit),
          'is a template: name the instance after the @, like "getty@tty1"',
        )
        // systemd.device(5), systemd.scope(5).
        .refine(
          (unit) => !/\.(device|scope)$/.test(unit),
          "is a unit that nobody starts: the kernel or a program makes it",
        )
        .transform((unit) =>
          /\.(service|socket|timer|path|mount|automount|target|slice|swap|scope|device)$/.test(unit)
            ? unit
            : `${unit}.service`,
        ),
      enabled: z.boolean().default(true),
      running: z.boolean().default(true),
      configuration: loadedFiles.optional(),
      reload: z.enum(["reload", "restart"]).default("reload"),
      validate: z.array(z.string()).min(1, 'a command, like ["nginx", "-t"]').optional(),
    })
    .superRefine(({ unit, running }, context) => {
      const message = whyNotDeclared(unit, running);
      if (message) context.addIssue({ code: "custom", message, path: ["unit"] });
    }),
  secrets: ["validate"],
  identity: (want) => want.unit,

  look(change) {
    const { unit, configuration } = about(change);
    const asked = fact(
      sh(
        `command -v systemctl >/dev/null || { echo "systemd does not run here" >&2; exit 1; }
        systemctl show -p LoadState -p ActiveState -p NeedDaemonReload "$1" || exit 1
        enabled=$(systemctl is-enabled "$1" 2>/dev/null)
        [ -n "$enabled" ] || case $(systemctl is-enabled "$1" 2>&1) in
          *"No such file"*|*"not found"*|*"does not exist"*) ;; *) systemctl is-enabled "$1"; exit 1;; esac
        printf 'enabled=%s\\n' "$enabled"
        ${UNIT_LINKS}
        case $enabled in linked*) printf 'linked=%s\\n' "$(readlink -f "$(systemctl show -p FragmentPath --value "$1")")";; esac`,
        unit,
      ),
      ({ exit, stdout, stderr }) => {
        if (exit !== 0) throw new LvsError(`asking systemd: ${stderr.trim()}`);
        const properties = new Map(
          stdout.split("\n").map((line) => line.split(/=(.*)/).slice(0, 2) as [string, string]),
        );
        return {
          exists: (properties.get("LoadState") ?? "not-found") !== "not-found",
          enabled: enabled(properties.get("enabled")),
          running: /^(active|reloading|refreshing)$/.test(properties.get("ActiveState") ?? ""),
          stale: properties.get("NeedDaemonReload") === "yes",
          ...unitLinks(stdout),
          ...(properties.get("linked") && { linked: properties.get("linked") as string }),
        };
      },
    );
    const all = facts({ asked, noted: noted(unit), files: filesNow(Object.keys(configuration ?? {}), unit) });
    return map(all, ({ asked: state, noted, files }) => ({ ...state, ...noted, files }));
  },

  plan: ({ had, want, found }, seen) => (want ? apply(want, seen) : putBack(had as Want, found, seen)),

  report: (want, seen) => ({
    enabled: seen.enabled ?? want.enabled,
    running: seen.running,
    ...(want.configuration && { configuration: { ...want.configuration, ...loadedBy(want, seen) } }),
  }),
};

/** What the running service has loaded. A service that is to stand still loads nothing: its files are those of `File` alone. */
function loadedBy({ running, configuration }: Want, seen: UnitState): Record<string, string> {
  const paths = running ? Object.keys(configuration ?? {}) : [];
  const digest = (path: string) => ((hasLoaded(path, seen) && seen.loaded[path]) || seen.files[path])?.sha256 ?? ABSENT;
  return Object.fromEntries(paths.map((path) => [path, digest(path)]));
}

// The words are those of systemctl(1), is-enabled. A unit that is enabled until the next boot ("enabled-runtime") counts as not
// enabled.
function enabled(word: string | undefined): boolean | null {
  if (word === "enabled" || word === "alias") return true;
  return /^(static|indirect|generated|transient)$/.test(word ?? "") ? null : false;
}

/** Whether the running service has loaded the file as it is now. A file that nobody noted was loaded if it is older than the service. */
function hasLoaded(path: string, { loaded, files }: UnitState): boolean {
  const noted = loaded[path];
  return noted === undefined ? files[path]?.older === true : noted.mark === files[path]?.mark;
}

function apply(want: Want, seen: UnitState): Step[] {
  const { unit, configuration } = want;
  const start = want.running && !seen.running;
  const reload =
    want.running &&
    seen.running &&
    Object.entries(configuration ?? {}).some(
      ([path, sha256]) => !hasLoaded(path, seen) || (seen.loaded[path] ?? seen.files[path])?.sha256 !== sha256,
    );
  const load = start || reload;
  const verb: Verb = want.reload === "restart" ? "restart" : "reload-or-restart";
  // What ran before it was declared has loaded its files, and nobody noted it.
  const notes = want.running && Object.keys(configuration ?? {}).some((path) => seen.loaded[path] === undefined);
  const remembers = load ? {} : ({ remembers: true } as const);
  const note = (load || notes) && configuration !== undefined;
  const stop = !want.running && seen.running;
  const forgets = Object.keys(seen.loaded).length > 0 && (!want.running || configuration === undefined);
  return [
    ...(seen.stale ? [daemonReload(unit)] : []),
    ...(note ? [{ ...comparing(unit, verb, configuration), ...remembers }] : []),
    ...(load && want.validate ? [validate(unit, want.validate)] : []),
    ...(isGate(unit) ? [] : enabling(unit, want.enabled, seen)),
    ...(stop ? [stopping(unit)] : []),
    ...(start ? [starting(unit)] : []),
    ...(reload ? [reloading(unit, verb)] : []),
    // What may lock us out starts at boot only after it is proven harmless.
    ...(isGate(unit) ? enabling(unit, want.enabled, seen) : []),
    ...(note ? [{ run: confirmLoaded(unit), purpose: `noting what ${unit} has loaded`, ...remembers }] : []),
    ...(forgets ? [{ run: forgetLoaded(unit, false), purpose: `forgetting what ${unit} had loaded` }] : []),
  ];
}

function putBack({ unit }: Want, found: UnitState | undefined, seen: UnitState): Step[] {
  const runs = seen.exists && found?.running === true;
  // A unit that goes on running has loaded our files until they have been put back: see linux/loaded-files.ts.
  const loaded = Object.values(seen.loaded);
  const forgets = seen.draft || loaded.some((file) => !runs || !file.declared);
  const keeps = runs && loaded.length > 0;
  return [
    ...(seen.exists && found?.enabled !== null
      ? enabling(unit, found?.enabled ?? false, seen, ...(found?.linked ? [found.linked] : []))
      : []),
    ...(seen.exists ? linking(unit, found?.links, seen.links) : []),
    ...(runs && !seen.running ? [starting(unit)] : []),
    ...(!runs && seen.running ? [stopping(unit)] : []),
    ...(forgets ? [{ run: forgetLoaded(unit, keeps), purpose: `forgetting what ${unit} had loaded` }] : []),
  ];
}
