import type { z } from "zod";
import { tellingAdvice } from "../advice";
import { facts } from "../host/fact";
import { type Announced, announced, forgetWithdrawal } from "../linux/bird";
import { BIRD, familyOf, whyNoAnnouncementName } from "../model";
import { about, type Kind, type Step } from "../reconcile/kind";
import { daemonOf, daemonPart } from "./daemon-part";
import { systemdService, type UnitState } from "./systemd-service";

const declaration = daemonPart(whyNoAnnouncementName);

type Want = z.output<typeof declaration>;

interface Seen {
  readonly daemon: UnitState;
  readonly bgp: Announced;
}

/**
 * Addresses that BIRD announces: BIRD runs, and has loaded the announcement's file. Several announcements share the daemon, and
 * each may come and go by itself. So a delete leaves the daemon to its `SystemdService`, and has the file's `File` tell it to load
 * anew.
 *
 * A session may end because of the router, an operator may withdraw an announcement, and so may the host itself. All of these
 * are reported, and never a difference. An operator's note goes with the announcement.
 */
export const bgpAnnouncement: Kind<Want, Seen> = {
  name: "BgpAnnouncement",
  inputs: declaration as unknown as z.ZodType<Want>,
  identity: (want) => want.name,

  look: (change) =>
    facts({ daemon: systemdService.look({ want: daemonOf(BIRD, about(change)) }), bgp: announced(about(change).name) }),
  plan: ({ had, want }, seen) =>
    want ? systemdService.plan({ want: daemonOf(BIRD, want) }, seen.daemon) : had ? forgetNote(had, seen) : [],
  report: (want, { daemon, bgp: { sessions, withdrawn, unfit } }) => ({
    ...systemdService.report(daemonOf(BIRD, want), daemon),
    sessions,
    ...(withdrawn && { withdrawn }),
    ...(unfit && { unfit }),
  }),
  outputs: ["sessions", "withdrawn", "unfit"],
  advice: (_, context) =>
    tellingAdvice(
      ({ bfd }) => bfd.map((source) => ({ family: familyOf(source), protocol: "udp", source, ...BFD })),
      context,
    ),
};

/** A router that has been told begins by itself as well (RFC 5881). */
const BFD = { destinationPort: 3784 };

function forgetNote({ name }: Want, { bgp: { withdrawn } }: Seen): Step[] {
  return withdrawn
    ? [{ run: forgetWithdrawal(name), purpose: `forgetting that an operator has withdrawn ${name}` }]
    : [];
}
