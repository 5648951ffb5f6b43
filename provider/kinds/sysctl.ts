import { z } from "zod";
import { type Command, sh } from "../host/command";
import { LvsError } from "../host/errors";
import { fact } from "../host/fact";
import { escaped } from "../reconcile/entry-name";
import { boot } from "../reconcile/inputs";
import type { BootFile, Kind, Step } from "../reconcile/kind";
import { about } from "../reconcile/kind";

interface Want {
  key: string;
  value: string;
  boot: boolean;
}

/**
 * The value of the key, and of every setting that the kernel changes along with the key. The value is undefined if there is no
 * such key.
 */
interface Seen {
  value: string | undefined;
  along: Record<string, string>;
}

/**
 * Settings that change others when they are written: the kernel then sets forwarding on every interface, and accept_redirects
 * on `all` (Documentation/networking/ip-sysctl.rst, "ip_forward: this variable is special").
 */
const ALONG: Readonly<Record<string, string>> = {
  "net.ipv4.ip_forward": "net/ipv4/conf/*/forwarding net/ipv4/conf/all/accept_redirects",
  "net.ipv6.conf.all.forwarding": "net/ipv6/conf/*/forwarding",
};

/** A kernel setting that holds now and at boot. */
export const sysctl: Kind<Want, Seen> = {
  name: "Sysctl",
  inputs: z.object({
    key: z
      .string()
      .regex(/^[\w-]+([./][\w.:@-]+)+$/, 'a key is like "net.ipv4.ip_forward"; use / where an interface name has dots')
      .transform(normalKey),
    value: z
      .union([z.string(), z.number()])
      .transform((value) => String(value).trim().split(/\s+/).join("\t"))
      .refine((value) => value !== "", "a value cannot be empty"),
    boot,
  }),
  identity: (want) => want.key,

  look(change) {
    const { key } = about(change);
    const script = `cd /proc/sys && { cat "$1" 2>/dev/null && for f in $2; do [ "$f" = "$1" ] || { printf '%s ' "$f"; cat "$f"; }; done || :; }`;
    return fact(sh(script, path(key), ALONG[key] ?? ""), ({ exit, stdout, stderr }) => {
      if (exit !== 0) throw new LvsError(`reading ${key}: ${stderr.trim()}`);
      const [value, ...rest] = stdout.trimEnd().split("\n");
      const along = Object.fromEntries(rest.map((line) => line.split(/ (.*)/).slice(0, 2) as [string, string]));
      return { value: value === "" ? undefined : value?.trim(), along };
    });
  },

  plan({ had, want, found }, seen) {
    const key = (want ?? had)?.key as string;
    // A setting that went with its module or its interface is not put back.
    const target = want ? want.value : found?.value;
    if (target === undefined || (!want && seen.value === undefined)) return [];
    const steps: Step[] = [];
    if (seen.value !== target)
      steps.push({ run: write(path(key), target), purpose: `setting ${key} = ${target}`, advice });
    if (want) return steps;
    for (const [file, value] of Object.entries(found?.along ?? {}))
      if (seen.along[file] !== undefined && (steps.length > 0 || seen.along[file] !== value))
        steps.push({ run: writeIfThere(file, value), purpose: `putting ${file} back to ${value}` });
    return steps;
  },

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

function bootFile(name: string, { key, value }: Want): BootFile {
  return { path: `/etc/sysctl.d/zz-lvs-${name}.conf`, text: `${key} = ${value.replaceAll("\t", " ")}\n` };
}

/** Two keys of one setting. */
const SAME: Readonly<Record<string, string>> = { "net.ipv4.conf.all.forwarding": "net.ipv4.ip_forward" };

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

function write(file: string, value: string): Command {
  return sh(`printf '%s\\n' "$1" >"/proc/sys/$2"`, value.replaceAll("\t", " "), file);
}

/** An interface may go at any time, like that of a container. */
function writeIfThere(file: string, value: string): Command {
  return sh(`[ ! -e "/proc/sys/$2" ] || printf '%s\\n' "$1" >"/proc/sys/$2"`, value.replaceAll("\t", " "), file);
}

function advice(reply: { stderr: string }): string | undefined {
  if (/nonexistent|No such file/.test(reply.stderr))
    return "The kernel has no such setting now: is the key right, and is the module loaded that brings it?";
  return undefined;
}
