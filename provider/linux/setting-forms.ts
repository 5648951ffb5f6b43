import { normalAddress, parseAddress, parsePorts } from "../model";

// The kernel prints some settings in another form than the one that was written: "8080,8081" as "8080-8081". Each has one
// normal form here, for what is declared and for what the kernel prints. The kernel takes the normal form as well.

/** A value in its normal form; undefined if the kernel would refuse the value. */
type Form = (value: string) => string | undefined;

const FORMS: readonly (readonly [key: RegExp, form: Form])[] = [
  [/^net\.ipv4\.ip_local_reserved_ports$|^net\.ipv6\.icmp\.ratemask$|^kernel\.watchdog_cpumask$/, numbers],
  [/^net\.core\.(flow_limit_cpu_bitmap|rps_default_mask)$/, mask],
  [/^net\.ipv4\.tcp_fastopen_key$/, keys],
  [/^net\.ipv6\.conf\..+\.stable_secret$/, address],
  [/^net\.ipv4\.tcp_allowed_congestion_control$|^kernel\.seccomp\.actions_logged$/, words],
];

/** One form of a setting's value. The kernel prints tabs between numbers, and blanks in texts. */
export function normalSetting(key: string, value: string): string {
  const text = plain(value);
  return formOf(key)?.(text) ?? text;
}

/** Why the kernel would refuse a value; undefined if it would not, as far as its form is known. */
export function whyNoSetting(key: string, value: string): string | undefined {
  const form = formOf(key);
  return form && form(plain(value)) === undefined ? `the kernel takes no "${value}" for ${key}` : undefined;
}

function plain(value: string): string {
  return value.trim().split(/\s+/).join("\t");
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

/** A set of names, which the kernel prints in an order of its own. */
function words(value: string): string {
  return [...new Set(value.split("\t"))].sort().join("\t");
}
