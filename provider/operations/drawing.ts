import type { DeclaredHost } from "../host/declared";
import { each, find } from "../host/fact";
import { withSession } from "../host/pool";
import { type Announced, announced } from "../linux/bird";
import { type VrrpState, vrrpState } from "../linux/vrrp";
import type { Resource } from "./resource";

// What draws clients to one of several directors, as each of them says it.

/** An instance of VRRP: its state, since when, and whether an operator has given it up on this host. */
export interface InstanceStatus extends VrrpState {
  readonly instance: string;
}

/** Addresses that a host announces: its sessions with the routers, and whether an operator has withdrawn them there. */
export interface AnnouncementStatus extends Announced {
  readonly announcement: string;
}

export async function instancesOn(host: DeclaredHost, own: readonly Resource[]): Promise<InstanceStatus[]> {
  const names = namesOf("VrrpInstance", own);
  if (names.length === 0) return [];
  const states = await withSession(host, (session) => find(session, each(names.map(vrrpState))));
  return states.map((state, at) => ({ instance: names[at] as string, ...state }));
}

export async function announcementsOn(host: DeclaredHost, own: readonly Resource[]): Promise<AnnouncementStatus[]> {
  const names = namesOf("BgpAnnouncement", own);
  if (names.length === 0) return [];
  const states = await withSession(host, (session) => find(session, each(names.map(announced))));
  return states.map((state, at) => ({ announcement: names[at] as string, ...state }));
}

function namesOf(kind: string, own: readonly Resource[]): string[] {
  return own.filter((one) => one.kind === kind).map(({ inputs }) => String(inputs.name));
}
