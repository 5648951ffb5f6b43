import type { DeclaredHost } from "../../host/declared";
import { LvsError } from "../../host/errors";
import { find } from "../../host/fact";
import { poll } from "../../host/poll";
import { withSession } from "../../host/pool";
import type { Drain } from "../../ipvs/drain";
import { clientsOf, notKnown, someOpen, stillOpen } from "../../ipvs/open-connections";
import { counted } from "../../model";

/**
 * Waits until the directors know the open connections of another one, which tells of a connection within some seconds. A
 * connection over which nothing is sent is not told of to a director that came later.
 *
 * @throws LvsError if the time is up, unless connections may be cut then
 */
export async function untilKnown(
  from: DeclaredHost,
  heirs: readonly DeclaredHost[],
  { timeout, onTimeout }: Drain,
): Promise<void> {
  if (heirs.length === 0) return;
  let open = await withSession(from, (session) => find(session, someOpen));
  const unknown = await poll(
    async () => {
      if (open.length === 0) return open;
      const missing = await Promise.all(
        heirs.map((heir) => withSession(heir, (session) => find(session, notKnown(open)))),
      );
      open = [...new Set(missing.flat())];
      if (open.length > 0) open = await withSession(from, (session) => find(session, stillOpen(open)));
      return open;
    },
    (left) => left.length === 0,
    { within: timeout, every: 1 },
  );
  if (unknown.length === 0) return;
  const names = heirs.map(({ name }) => name).join(" or ");
  const lost = `${counted(unknown.length, "open connection")} of ${clientsOf(unknown)}`;
  if (onTimeout === "cut") return console.log(`${lost}: not known to ${names}, cut`);
  throw new LvsError(
    `host ${from.name}: ${lost}: not known to ${names} after ${timeout} s, and cut if it goes now. Is ` +
      "ConnectionSync declared (`sync`), and does a firewall let UDP port 8848 through? A connection over which nothing is sent " +
      "is never told of to a director that came later, and the one of a client that is gone lasts 15 min. The command's --cut, or " +
      'onTimeout: "cut" of a check or of drain in the cluster, gives the director up although such connections end',
  );
}
