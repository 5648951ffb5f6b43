import { BIRD_PARTS, hostOf, isHeard, type Resource, type Status } from "pulumi-lvs-provider/operations";
import type { StackState } from "../state";

/** What a director does that serves beside others. */
export type Announcing = "announces the VIP" | "is withdrawn" | "is heard by nobody" | "may have the VIP";

/** An address that a director announces to routers. */
export interface Announcement {
  readonly name: string;
  readonly director: string;
  readonly addresses: readonly string[];
  readonly says: Announcing;
}

/** The announcements of the state. Where the hosts were asked, what they say counts. */
export function announcementsOf({ resources }: StackState, status?: Status): Announcement[] {
  return resources
    .filter(({ kind }) => kind === "BgpAnnouncement")
    .map((one) => {
      const name = String(one.inputs.name);
      const director = hostOf(one)?.name ?? "";
      return { name, director, addresses: addressesIn(resources, name, director), says: saysOf(one, director, status) };
    });
}

function saysOf({ inputs, state }: Resource, director: string, status: Status | undefined): Announcing {
  // A session that was just begun is no news: without the hosts' own word, they announce.
  if (!status) return state.withdrawn || state.unfit ? "is withdrawn" : "announces the VIP";
  const { announcements = [] } = status.hosts.find(({ host }) => host === director) ?? {};
  const seen = announcements.find(({ announcement }) => announcement === inputs.name);
  if (!seen) return "may have the VIP";
  return seen.withdrawn || seen.unfit ? "is withdrawn" : isHeard(seen) ? "announces the VIP" : "is heard by nobody";
}

/** Only the announcement's own file says which addresses it is about. */
function addressesIn(resources: readonly Resource[], name: string, director: string): string[] {
  const file = resources.find(
    (one) => one.kind === "File" && hostOf(one)?.name === director && one.inputs.path === `${BIRD_PARTS}/${name}.conf`,
  );
  const routes = String(file?.inputs.content ?? "").matchAll(/^ +route (\S+)\/\d+ unreachable;$/gm);
  return [...routes].map(([, address]) => String(address));
}
