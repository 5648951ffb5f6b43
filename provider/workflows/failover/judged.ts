import type { DeclaredHost } from "../../host/declared";
import { isDown } from "../../host/errors";
import { facts, find, map, printed } from "../../host/fact";
import { withSession } from "../../host/pool";
import { ipvsadm } from "../../ipvs/kernel-table";
import { parseDaemons } from "../../ipvs/sync-daemons";
import { parseAddresses } from "../../linux/device-addresses";
import { listed } from "../../linux/ip";
import { vrrpState } from "../../linux/vrrp";
import { isSameAddress } from "../../model";
import { type DirectorSeen, judgeHolders } from "./holder";
import type { FailoverInputs } from "./inputs";

export interface Asked extends DirectorSeen {
  /** The sync daemons that run: "master", "backup". */
  readonly sync: readonly string[];
}

/** What each director shows, and which one has the addresses. */
export async function judged({ instance, addresses, directors }: FailoverInputs) {
  const seen = await Promise.all(directors.map((host) => ask(host, instance, addresses)));
  const { holder, wrong } = judgeHolders(addresses, seen);
  return { directors: seen, holder, wrong };
}

export type Judged = Awaited<ReturnType<typeof judged>>;

async function ask(host: DeclaredHost, instance: string, addresses: readonly string[]): Promise<Asked> {
  const { name } = host;
  const all = facts({
    vrrp: vrrpState(instance),
    has: map(listed({ argv: ["ip", "-o", "address", "show"] }, "the addresses"), (text) => {
      const there = parseAddresses(text);
      return addresses.filter((one) => there.some(({ address }) => isSameAddress(address, one)));
    }),
    sync: printed(ipvsadm(false, "-L", "--daemon"), (listing) => Object.keys(parseDaemons(listing))),
  });
  try {
    const { vrrp, has, sync } = await withSession(host, (session) => find(session, all));
    return { name, ...vrrp, has, sync };
  } catch (error) {
    if (!isDown(error)) throw error;
    return { name, unreachable: error.message, has: [], state: "UNREACHABLE", sync: [] };
  }
}

/** A director that is down is what the others are for. */
export function tellUnreachable(directors: readonly Asked[]): void {
  for (const { unreachable } of directors) if (unreachable !== undefined) console.log(`warning: ${unreachable}`);
}
