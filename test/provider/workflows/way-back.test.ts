import { chmodSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "../../../provider/host/command";
import { find } from "../../../provider/host/fact";
import { poll } from "../../../provider/host/poll";
import { giveUpVrrp } from "../../../provider/linux/vrrp";
import { givenUpFile } from "../../../provider/model";
import {
  armWayBack,
  CHECK,
  disarmWayBack,
  isAway,
  takeBackFromCheck,
} from "../../../provider/workflows/failover/way-back";
import { MemoryHost } from "../memory-host";
import { onHosts } from "../on-host";

onHosts("a director that a check has taken away, and the check was killed", () => {
  let host: MemoryHost;
  beforeEach(() => {
    host = new MemoryHost();
    // The time is up when the test says so.
    host.write("/usr/local/sbin/sleep", "#!/bin/sh\nuntil [ -e /run/time-is-up ]; do /usr/bin/sleep 0.05; done\n");
    chmodSync(join(host.root, "/usr/local/sbin/sleep"), 0o755);
    host.write(`${givenUpFile("shop")}.folder`, "");
  });
  afterEach(() => host[Symbol.dispose]());

  const run = async (...steps: Command[]) => {
    const { steps: replies } = await host.run({ steps });
    expect(replies.map(({ exit, stderr }) => [exit, stderr])).toEqual(steps.map(() => [0, ""]));
  };
  const note = (by: string) => giveUpVrrp("shop", { reason: "a test", by, since: "2026-01-01T00:00:00Z" });
  const away = () => find(host, isAway("shop"));
  const timeIsUp = () => host.write("/run/time-is-up", "");
  const over = () => poll(away, (is) => !is, { within: 10, every: 0.1 });

  test("comes back by itself when the time is up", async () => {
    expect(await away()).toBe(false);
    await run(armWayBack("shop", takeBackFromCheck("shop")), note(CHECK));
    expect(await away()).toBe(true);
    timeIsUp();
    expect(await over()).toBe(false);
    expect(host.has(givenUpFile("shop"))).toBe(false);
  });

  test("stays given up where an operator has given it up since", async () => {
    await run(armWayBack("shop", takeBackFromCheck("shop")), note("root@desk"));
    timeIsUp();
    expect(await over()).toBe(false);
    expect(host.text(givenUpFile("shop"))).toContain("root@desk");
  });

  test("is left alone by a way back that was called off, also by one of a former check", async () => {
    await run(armWayBack("shop", takeBackFromCheck("shop")), disarmWayBack("shop"));
    expect(await away()).toBe(false);
    // The former timer still runs, and finds another check's mark.
    await run(armWayBack("shop", { argv: ["touch", "/run/came-back"] }), disarmWayBack("shop"), note(CHECK));
    timeIsUp();
    await host.run({ steps: [{ argv: ["/usr/bin/sleep", "0.5"] }] });
    expect([host.has(givenUpFile("shop")), host.has("/run/came-back")]).toEqual([true, false]);
    await run(takeBackFromCheck("shop"));
    expect(host.has(givenUpFile("shop"))).toBe(false);
  });
});
