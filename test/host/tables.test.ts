import { connect, createServer, type Socket } from "node:net";
import { Tables } from "../../provider/operations/tables";
import { open, server } from "./open-servers";

// What `watch` asks of directors, one of which loses power.

/** A door in front of a port. From `dead` on it swallows everything that comes. */
async function door(target: number) {
  const sockets: Socket[] = [];
  const state = { dead: false, swallowed: 0, port: 0, close: () => {} };
  const there = createServer((near) => {
    const far = connect(target, "127.0.0.1");
    sockets.push(
      near.on("error", () => {}),
      far.on("error", () => {}),
    );
    near.on("data", (chunk) => (state.dead ? state.swallowed++ : far.write(chunk)));
    far.on("data", (chunk) => state.dead || near.write(chunk));
  });
  await new Promise<void>((resolve) => there.listen(0, "127.0.0.1", resolve));
  state.close = () => {
    for (const socket of sockets) socket.destroy();
    there.close();
  };
  open.push(state);
  state.port = (there.address() as { port: number }).port;
  return state;
}

test("a director that has been lost holds up no other one's table, and is asked once", async () => {
  const there = await server();
  const lost = await door(there.port);
  const service = (name: string, port: number) => ({
    ...{ kind: "VirtualService", name, id: `${name}/VirtualService/10.0.0.9:80`, parents: [], state: {} },
    inputs: { host: there.declared({ name, port, ready: 5 }), address: "10.0.0.9", port: 80 },
  });
  const tables = new Tables([service("d1", there.port), service("d2", lost.port)]);
  const errors = async (within?: number) =>
    (await tables.look(within)).hosts.map(({ host, error }) => `${host}: ${error ?? "seen"}`);

  expect(await errors()).toEqual(["d1: seen", "d2: seen"]);
  lost.dead = true;
  // Of the other one a busy machine gets an answer within this time, too.
  const late = (within: string) => `d2: host d2 (127.0.0.1): no answer within ${within} s. It may be down, or busy`;
  expect(await errors(3)).toEqual(["d1: seen", late("3")]);
  const asked = lost.swallowed;
  expect(asked).toBeGreaterThan(0);
  expect(await errors(2)).toEqual(["d1: seen", late("2")]);
  expect(lost.swallowed).toBe(asked);
  lost.close();
  expect(await errors()).toEqual(["d1: seen", expect.stringMatching(/^d2: host d2 \(127\.0\.0\.1:\d+\)/)]);
});
