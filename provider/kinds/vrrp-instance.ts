import { z } from "zod";
import { facts } from "../host/fact";
import { takeBackVrrp, type VrrpState, vrrpState } from "../linux/vrrp";
import { KEEPALIVED, whyNoVrrpName } from "../model";
import { loadedFiles } from "../reconcile/inputs";
import { about, type Kind, type Step } from "../reconcile/kind";
import { systemdService, type UnitState } from "./systemd-service";

const declaration = z.object({
  name: z.string().superRefine((name, context) => {
    const why = whyNoVrrpName(name);
    if (why) context.addIssue({ code: "custom", message: `"${name}" ${why}` });
  }),
  // The properties of a systemd service. They are here so that a daemon that was stopped by hand shows as a difference.
  enabled: z.boolean().default(true),
  running: z.boolean().default(true),
  configuration: loadedFiles,
});

type Want = z.output<typeof declaration>;

interface Seen {
  readonly daemon: UnitState;
  readonly vrrp: VrrpState;
}

/**
 * An instance of VRRP: keepalived runs, and has loaded the instance's file. Several instances share the daemon, and each may come
 * and go by itself. So a delete leaves the daemon to its `SystemdService`, and has the file's `File` tell it to load anew.
 *
 * Who is master changes by itself, and an operator may give an instance up. Both are reported, and never a difference. An
 * operator's note goes with the instance.
 */
export const vrrpInstance: Kind<Want, Seen> = {
  name: "VrrpInstance",
  inputs: declaration as unknown as z.ZodType<Want>,
  identity: (want) => want.name,

  look: (change) =>
    facts({ daemon: systemdService.look({ want: daemonOf(about(change)) }), vrrp: vrrpState(about(change).name) }),
  plan: ({ had, want }, seen) =>
    want ? systemdService.plan({ want: daemonOf(want) }, seen.daemon) : had ? forgetNote(had, seen) : [],
  report: (want, { daemon, vrrp: { state, since, givenUp } }) => ({
    ...systemdService.report(daemonOf(want), daemon),
    state,
    ...(since && { since }),
    ...(givenUp && { givenUp }),
  }),
  outputs: ["state", "since", "givenUp"],
};

function forgetNote({ name }: Want, { vrrp: { givenUp } }: Seen): Step[] {
  return givenUp ? [{ run: takeBackVrrp(name), purpose: `forgetting that an operator has given up ${name}` }] : [];
}

function daemonOf({ enabled, running, configuration }: Want) {
  return { unit: KEEPALIVED, enabled, running, configuration, reload: "reload" as const };
}
