import { normalAddress, parseAddress, parsePorts } from "../model";

// The kernel prints some settings in another form than the one that was written: "8080,8081" as "8080-8081". Each has one
// normal form here, for what is declared and for what the kernel prints. The kernel takes the normal form as well.

/** A value in its normal form; undefined if the kernel would refuse the value. */
type Form = (value: string) => string | undefined;

const FORMS: readonly (readonly [key: RegExp, form: Form])[] = [
  [
    /^net\.ipv4\.(ip_local_reserved_ports|vs\.est_cpulist)$|^net\.ipv6\.icmp\.ratemask$|^kernel\.watchdog_cpumask$/,
    numbers,
  ],
  [/^net\.core\.(flow_limit_cpu_bitmap|rps_default_mask)$/, mask],
  [/^net\.ipv4\.tcp_fastopen_key$/, keys],
  [/^net\.ipv6\.conf\..+\.stable_secret$/, address],
  [/^net\.ipv4\.tcp_allowed_congestion_control$|^kernel\.seccomp\.actions_logged$/, words],
  [/^sunrpc\.(rpc|nfs|nfsd|nlm)_debug$/, number],
];

/** The bytes of texts that the kernel keeps. It cuts a longer one off, and says nothing (proc_dostring in its sysctl.c). */
const LONGEST: Readonly<Record<string, number>> = {
  "kernel.core_pattern": 127,
  "kernel.hostname": 64,
  "kernel.domainname": 64,
  "kernel.modprobe": 255,
  "kernel.poweroff_cmd": 255,
};

/** One form of a setting's value. There a tab stands for one blank of a text; the kernel prints tabs between numbers. */
export function normalSetting(key: string, value: string): string {
  const text = plain(value);
  return formOf(key)?.(text) ?? text;
}

/** Why the kernel would refuse a value; undefined if it would not, as far as its form is known. */
export function whyNoSetting(key: string, value: string): string | undefined {
  const form = formOf(key);
  const longest = LONGEST[key.replaceAll("/", ".")];
  if (longest !== undefined && Buffer.byteLength(value) > longest)
    return `the kernel keeps ${longest} bytes of ${key}, and cuts off what is longer: give less`;
  return form && form(plain(value)) === undefined ? `the kernel takes no "${value}" for ${key}` : undefined;
}

/** A value in normal form, as it is written to the kernel. */
export function writtenSetting(normal: string): string {
  return normal.replaceAll("\t", " ");
}

/** What the kernel says, where its normal form, written, would be another text: blanks at an end, tabs. Undefined otherwise. */
export function otherThanWritten(key: string, said: string): string | undefined {
  const form = formOf(key);
  const isText = !NUMBERS.test(said) && (form === undefined || form(said) === said);
  return isText && said !== writtenSetting(plain(said)) ? said : undefined;
}

const NUMBERS = /^[-+\d\s]*$/;

/** How many blanks stand between two numbers means nothing. In a text it does. */
function plain(value: string): string {
  const text = value.trim();
  return text.replace(/\s+/g, (between) => (!NUMBERS.test(text) && /^ {2,}$/.test(between) ? between : "\t"));
}

function formOf(key: string): Form | undefined {
  const dotted = key.replaceAll("/", ".");
  return FORMS.find(([of]) => of.test(dotted))?.[1];
}

/** A set of numbers, as ranges in ascending order (proc_do_large_bitmap in the kernel's sysctl.c). The kernel refuses blanks. */
function numbers(value: string): string | undefined {
  const ranges = value
    .split(",")
    .filter((one) => one !== "")
    .map(parsePorts);
  if (!ranges.every((range): range is [number, number] => range !== undefined && range[0] <= range[1]))
    return undefined;
  if (ranges.length === 0) return undefined;
  const merged: [number, number][] = [];
  for (const [first, last] of ranges.sort(([a], [b]) => a - b)) {
    const before = merged.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else merged.push([first, last]);
  }
  return merged.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(",");
}

/** A mask of CPUs: groups of 32 bits in hexadecimal. How many zeros come before it depends on how many CPUs there may be. */
function mask(value: string): string | undefined {
  if (!/^[\da-f]{1,8}(,[\da-f]{1,8})*$/i.test(value)) return undefined;
  const [first = "0", ...others] = value
    .toLowerCase()
    .replace(/^[0,]+(?=.)/, "")
    .split(",");
  return [first, ...others.map((group) => group.padStart(8, "0"))].join(",");
}

/** Keys of four numbers in hexadecimal. */
function keys(value: string): string | undefined {
  const key = "[\\da-f]{1,8}(?:-[\\da-f]{1,8}){3}";
  if (!new RegExp(`^${key}(,${key})?$`, "i").test(value)) return undefined;
  return value.toLowerCase().replace(/[\da-f]+/g, (number) => number.padStart(8, "0"));
}

/** An address of IPv6, without a zone. The kernel prints all of its digits. */
function address(value: string): string | undefined {
  if (parseAddress(value)?.kind() !== "ipv6") return undefined;
  return normalAddress(value);
}

/** A number that is printed in hexadecimal. */
function number(value: string): string | undefined {
  return /^(0x[\da-f]+|\d+)$/i.test(value) ? `${Number(value)}` : undefined;
}

/** A set of names, which the kernel prints in an order of its own. */
function words(value: string): string {
  return [...new Set(value.split(/\s+/))].sort().join("\t");
}
