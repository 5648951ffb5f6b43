import { z } from "zod";
import { releaseName, root, site, user } from "../application/names";
import { type Application, LISTING, releaseFolder, unitOf } from "../application/places";
import { filesOf } from "../application/unit";
import { Secret, sh } from "../host/command";
import { LvsError } from "../host/errors";
import { type Fact, fact, facts, map, printed } from "../host/fact";
import { intoPlace } from "../host/shell";
import { WALK } from "../linux/walk";
import { digest } from "../reconcile/equality";
import { about, type Kind, type Step } from "../reconcile/kind";
import { incoming, receiving, unpacking } from "./release-arrival";
import { removeAll } from "./release-removal";

/** systemd drops a whole file, or the line of a unit, that has one of Unicode's noncharacters (unichar_is_valid). */
const isText = (text: string) => !/\p{Noncharacter_Code_Point}/u.test(text);
const NO_TEXT = "has a character that Unicode keeps out of texts, such as U+FFFE";

const declaration = z.object({
  site,
  root,
  release: releaseName,
  artefact: z.object({
    path: z.string().min(1, "the path of the artefact where Pulumi runs"),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, "the artefact's SHA-256 in hexadecimal is needed: 64 digits, as sha256sum prints them"),
  }),
  start: z
    .array(
      z
        .string()
        .regex(/^[^\n\0]+$/, "a word without a line end")
        .refine(isText, NO_TEXT),
    )
    .min(1, 'a command, like ["node", "server.js"]'),
  user,
  memory: z
    .string()
    .regex(/^[1-9]\d*[KMG]$/, 'a limit is like "400M"')
    .optional(),
  environment: z
    .record(
      z.string().regex(/^[A-Za-z_]\w*$/, "a variable's name has letters, digits and underscores"),
      z
        .string()
        .regex(/^[^\n\0]*$/, "a value has no line end")
        .refine(isText, NO_TEXT),
    )
    .default({}),
  shared: z.array(z.string().regex(/^\w[\w.-]{0,254}$/, 'a folder\'s name, like "media"')).default([]),
  keep: z.number().int().min(1, "the running one at least").max(100, "1 to 100").default(3),
  deleteData: z.boolean().default(false),
});

type Want = z.output<typeof declaration>;

interface Seen {
  /** The releases on the server, newest first. */
  readonly releases: readonly string[];
  /** The release that `current` leads to; "" if none was ever started. */
  readonly current: string;
  /** The unpacked files still have their sizes, times and modes. */
  readonly intact: boolean;
  /** SHA-256, owner and mode of the wanted release's files. */
  readonly files: Readonly<Record<string, string>>;
  /** Owners of the shared folders. */
  readonly shared: Readonly<Record<string, string>>;
  /** The application's unit is there. */
  readonly unit: boolean;
  /** An interrupted run has left an artefact or empty folders. */
  readonly rest: boolean;
}

/**
 * A release of an application that is ready on a real server: unpacked, with its environment and its unit. This kind does not
 * start the release. The rollout does, because it knows which other servers serve. A delete stops the application and removes
 * its releases.
 */
export const release: Kind<Want, Seen> = {
  name: "Release",
  inputs: declaration as unknown as z.ZodType<Want>,
  secrets: ["environment", "start"],
  identity: (want) => want.site,

  look(change) {
    const { site } = about(change);
    return map(lookAt(about(change)), (seen) => {
      // A unit that was started with one of our releases is ours, even if its file was changed.
      const ours = seen.unit === "ours" || (seen.unit !== "" && seen.current !== "");
      if (change.want && seen.unit !== "" && !ours)
        throw new LvsError(`there is a unit ${seen.unit} of somebody else: choose another name for site "${site}"`);
      return { ...seen, unit: ours };
    });
  },

  plan({ had, want, found }, seen) {
    // Releases that were found are somebody else's. Earlier versions took such a place; today it is refused.
    const theirs = new Set(found?.releases);
    if (want && had && want.root !== had.root) {
      const others = seen.releases.filter((id) => id !== want.release);
      const why = whyTaken(want, { ...seen, releases: others });
      if (why) throw new LvsError(`Release ${want.site}: ${why}`);
    }
    const ours = { ...seen, releases: seen.releases.filter((id) => !theirs.has(id)) };
    return want ? prepare(want, seen, ours) : removeAll(had as Want, ours, found);
  },

  irreplaceable: whyTaken,

  report: (want, seen) => ({ release: condition(want, seen) }),
};

/** Why the root is no place for a new site. */
function whyTaken({ root }: Want, { releases, current }: Seen): string | undefined {
  const there = [...releases.map((id) => `releases/${id}`), ...(current ? [`current, which leads to ${current}`] : [])];
  return there.length > 0
    ? `${root} has releases of somebody else already (${there.join(", ")}). Choose another root, or move them away`
    : undefined;
}

/** What is on the server. `unit` is "ours", the path of another program's unit with the same name, or "". */
function lookAt(it: Want): Fact<Omit<Seen, "unit"> & { readonly unit: string }> {
  const ofRelease = releaseFolder(it, idOf(it));
  return facts({
    releases: guardedReleases(it),
    current: printed(sh(`readlink "$1/current" || :`, it.root), (output) => output.trim().replace(/^releases\//, "")),
    intact: printed(
      sh(
        `${LISTING}
        [ -e "$1/manifest" ] && [ "$(listing "$1/app")" = "$(cat "$1/manifest")" ] && echo intact || :`,
        ofRelease,
      ),
      (output) => output.trim() === "intact",
    ),
    files: printed(
      sh(
        `cd "$1" 2>/dev/null || exit 0
        for file in environment unit; do
          [ ! -e $file ] || echo "$file $(sha256sum <$file | cut -d' ' -f1) $(stat -c '%U %a' $file)"
        done`,
        ofRelease,
      ),
      pairs,
    ),
    shared: printed(
      sh(`cd "$1/shared" 2>/dev/null && for name in *; do stat -c '%n %U' -- "$name" 2>/dev/null; done || :`, it.root),
      pairs,
    ),
    unit: printed(
      sh(
        `for folder in /etc /run /usr/local/lib /usr/lib /lib; do
          file=$folder/systemd/system/$1
          [ -e "$file" ] || continue
          if grep -qxF "WorkingDirectory=$2/current/app" "$file"; then echo ours; else echo "$file"; fi
          break
        done`,
        unitOf(it),
        it.root,
      ),
      (output) => output.trim(),
    ),
    rest: printed(
      sh(
        `[ ! -e "$1" ] && [ ! -e "$2/running" ] && [ -z "$(find "$2" -maxdepth 0 -empty 2>/dev/null
          find "$2/shared" -maxdepth 1 -type d -empty 2>/dev/null)" ] || echo there`,
        incoming(it),
        it.root,
      ),
      (output) => output.trim() === "there",
    ),
  });
}

/**
 * The releases on the server. Root works below `root` by paths, and runs what it finds there. So reading this fact throws an
 * LvsError unless root alone can change the folders on the way and those of all releases. A shared folder is the application's.
 */
function guardedReleases({ root }: Want): Fact<string[]> {
  const script = `${WALK}
    for folder in "$1" "$1/releases" "$1/shared"; do (guard "$folder") || [ $? = 2 ] || exit 1; done
    cd "$1/releases" 2>/dev/null && ls -t || :`;
  return fact(sh(script, root), ({ exit, stdout, stderr }) => {
    if (exit !== 0) throw new LvsError(`${root} is no place for releases: ${stderr.trim()}`);
    return lines(stdout);
  });
}

/** The release's name. After a refresh, `release` has the name and then what was changed. */
function idOf({ release }: Want): string {
  return release.split(", ")[0] as string;
}

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

function pairs(text: string): Record<string, string> {
  return Object.fromEntries(lines(text).map((line) => line.split(/ (.*)/s).slice(0, 2) as [string, string]));
}

/** The files that are not as declared. */
function changedFiles(want: Want, { files }: Seen): ReturnType<typeof filesOf> {
  return filesOf(want).filter(({ name, text, mode }) => files[name] !== `${digest(text)} root ${mode}`);
}

/** The release as a refresh shows it: the name, and what is not as declared. */
function condition(want: Want, seen: Seen): string {
  const id = idOf(want);
  if (!seen.releases.includes(id)) return `${id}, absent`;
  const changed = [...(seen.intact ? [] : ["app"]), ...changedFiles(want, seen).map(({ name }) => name)];
  const without = want.shared.filter((name) => seen.shared[name] !== want.user);
  return [
    id,
    ...changed.map((name) => `${name} was changed`),
    ...without.map((name) => `shared/${name} is not ${want.user}'s`),
  ].join(", ");
}

function prepare(want: Want, seen: Seen, ours: Seen): Step[] {
  const folder = releaseFolder(want, want.release);
  const unpack = !seen.releases.includes(want.release) || !seen.intact;
  return [
    ...want.shared.filter((name) => seen.shared[name] !== want.user).map((name) => sharing(want, name)),
    ...(unpack ? [receiving(want), unpacking(want, want.release, want.artefact)] : []),
    ...(unpack ? filesOf(want) : changedFiles(want, seen)).map(({ name, text, mode }) =>
      writing(`${folder}/${name}`, text, mode),
    ),
    ...obsolete(want, ours).map((id) => discarding(want, id)),
  ];
}

/** The releases beyond `keep`. The release that runs and the declared one are never among them. */
function obsolete({ release: wanted, keep }: Want, { releases, current }: Seen): string[] {
  const others = releases.filter((id) => id !== wanted && id !== current);
  const kept = new Set([wanted, current].filter((id) => id !== "")).size;
  return others.slice(Math.max(0, keep - kept));
}

function sharing({ root, user }: Want, name: string): Step {
  return {
    run: { argv: ["install", "-d", "-o", user, "-g", user, `${root}/shared/${name}`] },
    purpose: `making ${root}/shared/${name} for ${user}`,
    advice: ({ stderr }) =>
      /invalid user/.test(stderr) ? `Is this resource made after its SystemUser (dependsOn)?` : undefined,
  };
}

function writing(path: string, text: string, mode: string): Step {
  return {
    run: {
      ...sh(
        `rm -f "$1.new" && (umask 077; cat >"$1.new") && chmod "$2" "$1.new" && ${intoPlace('"$1.new"', '"$1"')}`,
        path,
        mode,
      ),
      stdin: new Secret(text),
    },
    purpose: `writing ${path}`,
  };
}

function discarding({ root }: Application, id: string): Step {
  return { run: { argv: ["rm", "-rf", `${root}/releases/${id}`] }, purpose: `discarding release ${id.slice(0, 12)}` };
}
