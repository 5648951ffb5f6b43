import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { sh } from "../../provider/host/command";
import { find, printed } from "../../provider/host/fact";
import { closeAtOnce, withSession } from "../../provider/host/pool";
import { open, server } from "./open-servers";

// A command of an operator that fails on one host ends, although it has begun to ask another one.

test("a connection that is in use when the process ends is closed as soon as it is not any more", async () => {
  const there = await server();
  const sockets: Socket[] = [];
  const door = createServer((near) => {
    sockets.push(near);
    near.on("error", () => {});
    const far = connect(there.port, "127.0.0.1");
    far.on("error", () => {});
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));
  open.push(door);
  const host = there.declared({ port: (door.address() as { port: number }).port });

  const asking = withSession(host, async (session) => {
    await find(session, printed(sh("echo first"), String));
    closeAtOnce();
    return find(session, printed(sh("echo second"), String));
  });
  expect(await asking).toBe("second\n");
  const [socket] = sockets as [Socket];
  if (!socket.destroyed) await once(socket, "close");
  expect(sockets).toHaveLength(1);
  // An idle connection is kept for a minute otherwise.
}, 30_000);
