import { z } from "zod";
import { type Command, sh } from "../host/command";
import { LvsError } from "../host/errors";
import { fact, facts, known, map } from "../host/fact";
import { inShell } from "../host/shell";
import { along, insteadOf, isSecret, whyForGood } from "../linux/setting-effects";
import { normalSetting, otherThanWritten, whyNoSetting, writtenSetting } from "../linux/setting-forms";
import { type Losses, lossesOf } from "../linux/setting-losses";
import { parseValues, printValues } from "../linux/setting-values";
import { escaped } from "../reconcile/entry-name";
import { boot } from "../reconcile/inputs";
import type { BootFile, Kind, Risk, Step } from "../reconcile/kind";
import { about } from "../reconcile/kind";

/** A setting's name, in one spelling. */
export const settingKey = z
  .string()
  .regex(/^[\w-]+([./][\w.:@-]+)+$/, {
    message: 'a key is like "net.ipv4.ip_forward"; use / where an interface name has dots',
    abort: true,
  })
  .max(200, "a key has 200 characters at most: give a shorter one")
  .refine(
    (key) =>
      path(key)
        .split("/")
        .every((part) => /^[^.]/.test(part)),
    "a part of a key begins with a dot: leave the dot out",
  )
  .transform(normalKey)
  .refine(
    (key) => !ACTIONS.test(key.replaceAll("/", ".")),
    "is no setting: the kernel does something once when it is written, and keeps no value. Leave it out",
  );

/** Files that cannot be read back, or that take no value which was found (Documentation/admin-guide/sysctl/vm.rst). */
const ACTIONS = /^(vm\.(drop_caches|compact_memory|stat_refresh)|net\.ipv[46]\.route\.flush|fs\.binfmt_misc\..*)$/;

/** A setting's value. Its form depends on its key: see `normalSetting`. */
export const settingValue = z
  .union([z.string(), z.number()])
  .transform((value) => normalSetting("", String(value)))
  .refine((value) => value !== "", "a value cannot be empty: give one")
  // The kernel reads them as other numbers, in octal and hexadecimal. A mask of CPUs has eight digits.
  .refine(
    (value) => !value.split("\t").some((word) => /^(\+|-0+$|[+-]?0x[\da-f]+$|[+-]?0\d{1,6}$)/i.test(word)),
    "write numbers in decimal, without zeros or signs that say nothing before them",
  );

export interface Setting {
  key: string;
  value: string;
  boot: boolean;
}

/**
 * The value of the key, and of every setting that the kernel changes along with the key. The value is undefined if there is no
 * such key.
 */
interface Seen extends Losses {
  value: string | undefined;
  /** What the kernel says, where the value would be written otherwise. */
  exact?: string;
  along: Record<string, string>;
}

/** A kernel setting that holds now and at boot. */
export const sysctl: Kind<Setting, Seen> = {
  name: "Sysctl",
  inputs: z
    .object({
      key: settingKey,
      value: settingValue,
      boot,
    })
    .superRefine(({ key, value }, context) => {
      const message = whyNoSetting(key, value);
      if (message) context.addIssue({ code: "custom", message, path: ["value"] });
    })
    .transform((want) => ({ ...want, value: normalSetting(want.key, want.value) })),
  identity: (want) => want.key,
  secretsOf: ({ key }) => (isSecret(path(key)) ? ["value"] : []),

  look(change) {
    const { key, value: wanted } = about(change);
    const file = path(key);
    const script = `cd /proc/sys || exit
      [ -e "$1" ] || exit 0
      cat "$1" || exit
      for f in $2; do set -- "$@" "$f"; done; shift 2
      [ $# = 0 ] || ${printValues('"$@"')}`;
    const setting = fact(sh(script, file, along(file)), ({ exit, stdout, stderr }): Seen => {
      // The kernel says so of one that was never set (stable_secret).
      if (exit !== 0 && !/Input\/output error/.test(stderr)) throw new LvsError(`reading ${key}: ${stderr.trim()}`);
      const [value = "", ...rest] = stdout.replace(/\n$/, "").split("\n");
      // The pattern of those that go along may name this one, too.
      const { [file]: own, ...others } = parseValues(rest);
      // Of an empty setting the kernel prints the end of a line.
      const exact = otherThanWritten(key, value);
      return {
        value: stdout === "" ? undefined : normalSetting(key, value),
        ...(exact !== undefined && { exact }),
        along: others,
      };
    });
    const losses = change.want ? lossesOf(file, wanted) : known(() => ({}));
    return map(facts({ setting, losses }), ({ setting, losses }) => ({
      ...setting,
      ...(setting.value === "0" && losses()),
    }));
  },

  plan({ had, want, found }, seen) {
    const key = (want ?? had)?.key as string;
    // A setting that went with its module or its interface is not put back.
    const target = want ? want.value : found?.value;
    if (target === undefined || (!want && seen.value === undefined)) return [];
    if (want && seen.routers) throw new LvsError(routesGo(key, seen.routers));
    if (want && had && seen.addresses) throw new LvsError(`${key}: ${addressesGo(seen.addresses)}`);
    const other = insteadOf(path(key));
    if (!want && other && target === "0" && found?.along[other] !== undefined)
      return seen.along[other] === found.along[other] ? [] : [puttingBack(other, found.along[other])];
    const steps: Step[] = [];
    const normal = normalSetting(key, target);
    const text = (want ? undefined : found?.exact) ?? writtenSetting(normal);
    const hidden = isSecret(path(key));
    if (((want ? undefined : seen.exact) ?? writtenSetting(seen.value ?? "")) !== text)
      steps.push({
        ...{ run: write(path(key), text), purpose: `setting ${key}${hidden ? "" : ` = ${normal}`}`, advice },
        ...risk(key, seen),
        ...(seen.value &&
          !hidden && {
            instead: `The kernel says "${seen.value.replaceAll("\t", " ")}" now: declare the value as it does.`,
          }),
      });
    if (want || other) return steps;
    for (const [file, value] of Object.entries(found?.along ?? {}))
      if (seen.along[file] !== undefined && (steps.length > 0 || seen.along[file] !== value))
        steps.push(puttingBack(file, value));
    return steps;
  },

  irreplaceable: ({ key, value: wanted }, { value, addresses }) =>
    addresses ? addressesGo(addresses) : whyForGood(path(key), wanted, value),

  report: (_, seen) => ({ value: seen.value ?? "" }),

  // The file's name sorts after /etc/sysctl.d/99-sysctl.conf, which is a link to the administrator's own sysctl.conf.
  boot: (want) => [bootFile(escaped(want.key), want)],
  formerly({ key, ...want }) {
    const keys = [key, ...Object.keys(SAME).filter((other) => SAME[other] === key)];
    const spellings = keys.flatMap((one) => [one, one.replace(/[./]/g, (c) => (c === "." ? "/" : "."))]);
    return {
      identities: spellings,
      boot: spellings.map((one) => ({ ...bootFile(one.replaceAll("/", "_"), { ...want, key: one }), shared: true })),
    };
  },
};

function bootFile(name: string, { key, value }: Setting): BootFile {
  const text = `${key} = ${writtenSetting(value)}\n`;
  return { path: `/etc/sysctl.d/zz-lvs-${name}.conf`, text, ...(isSecret(path(key)) && { secret: true }) };
}

/** Two keys of one setting. */
const SAME: Readonly<Record<string, string>> = {
  "net.ipv4.conf.all.forwarding": "net.ipv4.ip_forward",
  "net.nf_conntrack_max": "net.netfilter.nf_conntrack_max",
};

/** One spelling of a key: with dots, unless the name of an interface has a dot. */
function normalKey(key: string): string {
  const slashed = path(key);
  const spelled = slashed.includes(".") ? slashed : slashed.replaceAll("/", ".");
  return SAME[spelled] ?? spelled;
}

// As in sysctl(8), the first separator of a key decides whether "." or "/" separates its parts.
function path(key: string): string {
  return /^[^./]*\//.test(key) ? key : key.replace(/[./]/g, (c) => (c === "." ? "/" : "."));
}

function write(file: string, text: string): Command {
  return sh(`printf '%s\\n' "$1" >"/proc/sys/$2"`, text, file);
}

/** An interface may go at any time, like that of a container. What need not be written may be read alone. */
function puttingBack(file: string, value: string): Step {
  const script = `[ ! -e "/proc/sys/$2" ] || [ "$(tr '\\t' ' ' <"/proc/sys/$2")" = "$1" ] || printf '%s\\n' "$1" >"/proc/sys/$2"`;
  return { run: sh(script, value.replaceAll("\t", " "), file), purpose: `putting ${file} back to ${value}` };
}

/**
 * Settings on which it depends how packets leave the host or come in: disable_ipv6 takes addresses away, forwarding the routes
 * that a router advertised, rp_filter drops what comes another way.
 */
const WAYS =
  /^net\/(ipv6\/conf\/|ipv4\/conf\/.*\/(rp_filter|src_valid_mark|accept_local|ignore_routes_with_linkdown)$)/;
const FILTERS = /^net\/bridge\/bridge-nf-call-/;

function risk(key: string, { value, along }: Seen): { risky?: Risk } {
  const file = path(key);
  const touches = WAYS.test(file) ? "way" : FILTERS.test(file) ? "logins" : undefined;
  if (!touches || value === undefined) return {};
  const undo = Object.entries({ [file]: value, ...along }).map(([one, was]) =>
    inShell(write(one, writtenSetting(was))),
  );
  return { risky: { undo: sh(undo.join("\n")), touches, advice: `Does Pulumi's connection need the former ${key}?` } };
}

function routesGo(key: string, devices: readonly string[]): string {
  const settings = devices.map((device) => ["net", "ipv6", "conf", device, "accept_ra"]);
  const keys = settings.map((parts) => parts.join(parts.some((part) => part.includes(".")) ? "/" : "."));
  return (
    `${key} = 1 would take away the default route of IPv6 on ${devices.join(" and ")}, which came from router advertisements: ` +
    `a host that forwards listens to none. Set ${keys.join(" and ")} to 2 first (Sysctl), or declare the route (Route)`
  );
}

function addressesGo(addresses: readonly string[]): string {
  return (
    `it would take away ${addresses.join(", ")}, which would not come back by itself. Take that away by hand first, with what ` +
    "gives it at boot"
  );
}

function advice(reply: { stderr: string }): string | undefined {
  if (/nonexistent|No such file/.test(reply.stderr))
    return "The kernel has no such setting now: is the key right, and is the module loaded that brings it?";
  return undefined;
}
