import type * as pulumi from "@pulumi/pulumi";
import { bitsOf, familyOf, givenUpFile, normalAddress } from "pulumi-lvs-provider/model";
import type { KeepalivedArgs, TrackScriptArgs } from "./args";
import { NOTIFY, REACH } from "./daemon";

/** Everything that the file of an instance is made from. */
export type VrrpConfiguration = pulumi.Unwrap<
  Omit<KeepalivedArgs, "host" | "main" | "install" | "after" | "instance">
> & {
  readonly name: string;
};

/** The number of the virtual router where none is declared. */
export const ROUTER = 51;

/** The seconds between two adverts where none are declared. */
export const ADVERT = 0.25;

/** The text of an instance's file (keepalived.conf(5)). VRRP of version 3 alone has adverts below a second. */
export function renderInstance(it: VrrpConfiguration): string {
  const scripts = scriptsOf(it);
  const devices = trackedOf(it);
  const givenUp = `${it.name}_given_up`;
  return [
    "# Written by pulumi-lvs: changes by hand are put back.",
    ...Object.entries(scripts).flatMap(([name, script]) => block(`vrrp_script ${name}`, scriptLines(script))),
    // Of weight 0: the instance is unfit while the file has another number than 0. A file that is not there counts as 0.
    ...block(`track_file ${givenUp}`, [`file "${givenUpFile(it.name)}"`, "weight 0"]),
    ...block(`vrrp_instance ${it.name}`, [
      "state BACKUP",
      "version 3",
      `interface ${it.device}`,
      `virtual_router_id ${it.routerId ?? ROUTER}`,
      `priority ${it.priority ?? 100}`,
      `advert_int ${it.advertInterval ?? ADVERT}`,
      ...preemption(it),
      ...((it.garpRefresh ?? 1) > 0 ? [`garp_master_refresh ${it.garpRefresh ?? 1}`] : []),
      `unicast_src_ip ${normalAddress(it.source)}`,
      ...block("unicast_peer", it.peers.map(normalAddress)),
      "check_unicast_src",
      ...(devices.length > 0 ? block("track_interface", devices) : []),
      ...(Object.keys(scripts).length > 0 ? block("track_script", Object.keys(scripts)) : []),
      ...block("track_file", [givenUp]),
      ...block(
        "virtual_ipaddress",
        it.addresses.map((one) => floating(one, it.device)),
      ),
      `notify ${NOTIFY} root`,
    ]),
    "",
  ].join("\n");
}

function block(head: string, lines: readonly string[]): string[] {
  return [`${head} {`, ...lines.map((line) => `    ${line}`), "}"];
}

/** A director that has just come takes the addresses back when it has heard of connections. */
function preemption({ preempt = false, preemptDelay = 30 }: VrrpConfiguration): string[] {
  if (!preempt) return ["nopreempt"];
  return preemptDelay > 0 ? [`preempt_delay ${preemptDelay}`] : [];
}

/** keepalived tracks the instance's own interface in any case, and says so where a file asks for it again. */
function trackedOf({ device, addresses, trackDevices }: VrrpConfiguration): string[] {
  const more = trackDevices ?? addresses.flatMap((one) => one.device ?? []);
  return [...new Set(more)].filter((one) => one !== device);
}

/**
 * Seconds. ping says after two that nobody answers. A check that takes longer says that the host is busy, and keepalived counts one that
 * takes longer than this as failed: all directors of a busy site would be cut off, and nobody would have the addresses. One check has
 * three questions to each address, so that one check that fails is enough.
 */
const REACH_TIMEOUT = 120;

function scriptsOf({ name, reach = [], trackScripts = {} }: VrrpConfiguration): Record<string, TrackScriptArgs> {
  const reaching = reach.map((addresses, at) => [
    `${name}_reach_${at}`,
    { command: [REACH, ...addresses.map(normalAddress)], timeout: REACH_TIMEOUT, fall: 1 },
  ]);
  const own = Object.entries(trackScripts).map(([key, script]) => [`${name}_${key}`, script]);
  return Object.fromEntries([...reaching, ...own]);
}

function scriptLines({ command, interval = 1, timeout = 2, fall = 2, rise = 2, weight }: TrackScriptArgs): string[] {
  return [
    `script "${command.join(" ")}"`,
    `interval ${interval}`,
    `timeout ${timeout}`,
    `fall ${fall}`,
    `rise ${rise}`,
    ...(weight === undefined ? [] : [`weight ${weight}`]),
  ];
}

function floating({ address, device, prefix }: VrrpConfiguration["addresses"][number], own: string): string {
  // A host's addresses are looked for here as the kernel prints them.
  return `${normalAddress(address)}/${prefix ?? bitsOf(familyOf(address))} dev ${device ?? own}`;
}
