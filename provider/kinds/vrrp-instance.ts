import type { z } from "zod";
import { tellingAdvice } from "../advice";
import { facts, known, map } from "../host/fact";
import { endInstance, hasAliases, takeBackVrrp, type VrrpState, vrrpState } from "../linux/vrrp";
import { familyOf, KEEPALIVED, whyNoVrrpName } from "../model";
import { about, type Kind, type Step } from "../reconcile/kind";
import { daemonOf, daemonPart } from "./daemon-part";
import { systemdService, type UnitState } from "./systemd-service";

const declaration = daemonPart(whyNoVrrpName);

type Want = z.output<typeof declaration>;

interface Seen {
  readonly daemon: UnitState;
  readonly vrrp: VrrpState;
  /** On its way out, and aliases are declared here of its addresses: the cluster has one director again. */
  readonly aliases?: true;
}

/**
 * An instance of VRRP: keepalived runs, and has loaded the instance's file. Several instances share the daemon, and each may come
 * and go by itself. So a delete leaves the daemon to its `SystemdService`, and has the file's `File` tell it to load anew.
 *
 * Who is master changes by itself, and an operator may give an instance up. Both are reported, and never a difference. An
 * operator's note goes with the instance, once keepalived has forgotten it: it would take the addresses otherwise. Where aliases are
 * declared of its addresses, these get the addresses before the daemon or the file goes.
 */
export const vrrpInstance: Kind<Want, Seen> = {
  name: "VrrpInstance",
  inputs: declaration as unknown as z.ZodType<Want>,
  identity: (want) => want.name,

  look(change) {
    const { name } = about(change);
    const all = facts({
      daemon: systemdService.look({ want: daemonOf(KEEPALIVED, about(change)) }),
      vrrp: vrrpState(name),
      aliases: change.want ? known(false) : hasAliases(name),
    });
    return map(all, ({ daemon, vrrp, aliases }) => ({ daemon, vrrp, ...(aliases && { aliases }) }));
  },
  plan: ({ had, want }, seen) =>
    want
      ? systemdService.plan({ want: daemonOf(KEEPALIVED, want) }, seen.daemon)
      : had
        ? [...letGo(had, seen), ...forgetNote(had, seen)]
        : [],
  report: (want, { daemon, vrrp: { state, since, givenUp } }) => ({
    ...systemdService.report(daemonOf(KEEPALIVED, want), daemon),
    state,
    ...(since && { since }),
    ...(givenUp && { givenUp }),
  }),
  outputs: ["state", "since", "givenUp"],
  advice: (_, context) =>
    tellingAdvice(
      ({ floating }) => [...new Set(floating.map(familyOf))].map((family) => ({ family, protocol: "vrrp" })),
      context,
    ),
};

/** An instance that keepalived has forgotten says nothing any more. */
function letGo({ name }: Want, { aliases, daemon, vrrp: { state, givenUp } }: Seen): Step[] {
  if (!(aliases || givenUp) || !daemon.running || state === "UNKNOWN") return [];
  const purpose = aliases ? `leaving the addresses of ${name} to the aliases of this host` : `ending ${name}`;
  return [{ run: endInstance(name), purpose }];
}

function forgetNote({ name }: Want, { vrrp: { givenUp } }: Seen): Step[] {
  return givenUp ? [{ run: takeBackVrrp(name), purpose: `forgetting that an operator has given up ${name}` }] : [];
}
