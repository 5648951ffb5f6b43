import { z } from "zod";
import { releaseName, root, site, user } from "../application/names";
import { type Application, GIVE, releaseFolder } from "../application/places";
import { filesOf } from "../application/unit";
import { Secret, sh } from "../host/command";
import { LvsError } from "../host/errors";
import { map } from "../host/fact";
import { intoPlace } from "../host/shell";
import { WALK } from "../linux/walk";
import { digest } from "../reconcile/equality";
import { about, type Kind, type Step } from "../reconcile/kind";
import { receiving, unpacking } from "./release-arrival";
import { removeAll } from "./release-removal";
import { idOf, lookAt, type Seen } from "./release-seen";

/** systemd drops a whole file, or the line of a unit, that has one of Unicode's noncharacters (unichar_is_valid). */
const isText = (text: string) => !/\p{Noncharacter_Code_Point}/u.test(text);
const NO_TEXT = "has a character that Unicode keeps out of texts, such as U+FFFE: leave it out";

const BYTES = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

const declaration = z.object({
  site,
  root,
  release: releaseName,
  artefact: z.object({
    path: z
      .string()
      .min(1, "give the path of the artefact where Pulumi runs")
      .refine((text) => !/^[a-z][a-z0-9+.-]*:\/\//i.test(text), "is a URL: give the path of a file where Pulumi runs"),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, "give the artefact's SHA-256 in hexadecimal: 64 digits, as sha256sum prints them"),
  }),
  start: z
    .array(
      z
        .string()
        .regex(/^[^\n\0]+$/, "give a word without a line end")
        .refine(isText, NO_TEXT),
    )
    .min(1, 'give a command, like ["node", "server.js"]'),
  user,
  memory: z
    .string()
    .regex(/^[1-9]\d*[KMG]$/, { message: 'give a limit like "400M"', abort: true })
    // systemd drops the line of a larger one, and there would be no limit.
    .refine(
      (size) => Number.parseInt(size, 10) * BYTES[size.at(-1) as keyof typeof BYTES] < 2 ** 64,
      "is more than any machine has: give less",
    )
    .optional(),
  environment: z
    .record(
      z.string().regex(/^[A-Za-z_]\w*$/, "a variable's name has letters, digits and underscores: give it another one"),
      z
        .string()
        .regex(/^[^\n\0]*$/, "a value has no line end: leave it out")
        .refine(isText, NO_TEXT),
    )
    .default({}),
  shared: z.array(z.string().regex(/^\w[\w.-]{0,254}$/, 'give a folder\'s name, like "media"')).default([]),
  keep: z.number().int().min(1, "give 1 to 100: the running one is among them").max(100, "give 1 to 100").default(3),
  deleteData: z.boolean().default(false),
});

type Want = z.output<typeof declaration>;

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
function whyTaken({ root }: Want, { releases, current, others = [] }: Seen): string | undefined {
  const link = current ? [`current, which leads to ${current}`] : [];
  const there = [...releases.map((id) => `releases/${id}`), ...link, ...others];
  return there.length > 0
    ? `${root} has releases of somebody else already (${there.join(", ")}). Choose another root, or move them away`
    : undefined;
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

/** A folder that is there keeps its mode. It may be a link to a larger disk, where root alone can change what it leads to. */
function sharing({ root, user }: Want, name: string): Step {
  const script = `${WALK}
    ${GIVE}
    if [ -d "$1" ]; then give "$1" "$2:$2"; else install -d -o "$2" -g "$2" "$1"; fi`;
  return {
    run: sh(script, `${root}/shared/${name}`, user),
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
