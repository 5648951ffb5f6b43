import { type ChildProcess, spawn } from "node:child_process";
import dns from "node:dns";
import { once } from "node:events";
import net, { createServer, type Server } from "node:net";
import { NodeSSH } from "node-ssh";
import { sh } from "../../provider/host/command";
import type { DeclaredHost } from "../../provider/host/declared";
import { closeIdle, statistics, withSession } from "../../provider/host/pool";
import { checkup } from "../../provider/operations/doctor";
import { open, server } from "./open-servers";
import { SlowLink, SshServer } from "./ssh-server";

const echo = (text: string) => ({ looks: [sh(`printf %s "$1"`, text)] });

/** A port on which nothing listens. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/**
 * A door in front of a port, in a process of its own. The process does not look after its queue at first: the kernel drops the
 * first packet of a client, which sends another one after a second.
 */
async function busyDoor(target: number): Promise<[ChildProcess, number]> {
  const script = `
    const net = require("net");
    const door = net.createServer((near) => {
      const far = net.connect(${target}, "127.0.0.1");
      for (const one of [near, far]) one.on("error", () => {});
      near.pipe(far).pipe(near);
    });
    door.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
      const { port } = door.address();
      process.on("message", () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700));
      process.send(port);
    });`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const [port] = (await once(child, "message")) as [number];
  child.send("sleep");
  // These fill the queue while the process sleeps.
  for (let i = 0; i < 4; i++)
    net
      .connect(port, "127.0.0.1")
      .on("error", () => {})
      .unref();
  await new Promise((resolve) => setTimeout(resolve, 100));
  return [child, port];
}

describe("one connection a host", () => {
  test("many scripts at once share it, eight channels at a time", async () => {
    const there = await server();
    statistics.channels = 0;
    const { connections, execs } = statistics;
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        // A script with a limit of its own has a channel of its own.
        withSession(there.declared(), (session) => session.run({ ...echo(`answer ${i}`), limit: 60 })),
      ),
    );
    expect(answers.map((answer) => answer.looks[0]?.stdout)).toEqual(answers.map((_, i) => `answer ${i}`));
    expect(there.connections).toBe(1);
    expect(statistics.connections - connections).toBe(1);
    expect(statistics.execs - execs).toBe(30);
    expect(statistics.channels).toBe(8);
    expect(there.mostSessions).toBeLessThanOrEqual(10);
  });

  test.each<[string, Partial<DeclaredHost>]>([
    ["user", { user: "admin" }],
    ["check of host keys", { hostKeyChecking: "off" }],
    ["passphrase", { passphrase: "x" }],
  ])("another %s is another connection", async (_, other) => {
    const there = await server();
    // The host refuses a user that is not root, over the connection that the user has. The refusal does not matter
    // here.
    for (const declared of [there.declared(), there.declared(other), there.declared(), there.declared(other)])
      await withSession(declared, (session) => session.run(echo(""))).catch(() => {});
    expect(there.connections).toBe(2);
  });

  test("a session that runs nothing opens no connection", async () => {
    const there = await server();
    await withSession(there.declared(), async () => {});
    expect(there.connections).toBe(0);
  });

  test("a host that allows few sessions gets only so many", async () => {
    const there = await server({ maxSessions: 2 });
    const runs = Array.from({ length: 12 }, (_, i) =>
      withSession(there.declared(), (session) => session.run({ looks: [sh("sleep 0.05; echo $1", `${i}`)] })),
    );
    const answers = await Promise.all(runs);
    expect(answers.map((answer) => answer.looks[0]?.stdout)).toEqual(answers.map((_, i) => `${i}\n`));
    expect(there.connections).toBe(1);
  });

  test("a connection that broke while idle is made again", async () => {
    const there = await server();
    await withSession(there.declared(), (session) => session.run(echo("")));
    there.cut();
    const answer = await withSession(there.declared(), (session) => session.run(echo("again")));
    expect(answer.looks[0]?.stdout).toBe("again");
    expect(there.connections).toBe(2);
  });

  test("a connection that was idle for a while is closed", async () => {
    const there = await server();
    await withSession(there.declared(), (session) => session.run(echo("")));
    closeIdle();
    await withSession(there.declared(), (session) => session.run(echo("")));
    expect(there.connections).toBe(2);
  });

  test("reconnect proves that a new connection can be made, and running scripts come to their end", async () => {
    const there = await server();
    await withSession(there.declared(), async (session) => {
      const long = session.run({ looks: [sh("sleep 0.5; echo done")] });
      await new Promise((resolve) => there.once("exec", resolve));
      await session.reconnect();
      expect(there.connections).toBe(2);
      expect((await long).looks[0]?.stdout).toBe("done\n");
      await session.run(echo(""));
      expect(there.connections).toBe(2);
    });
  });

  test("reconnect fails when the host is cut off, without waiting for `ready`", async () => {
    const there = await server();
    await withSession(there.declared({ ready: 300 }), async (session) => {
      await session.run(echo(""));
      there.close();
      await expect(session.reconnect()).rejects.toMatchObject({ name: "HostError", what: "unreachable" });
    });
  });
});

describe("few round trips", () => {
  test("the socket does not wait to fill packets", async () => {
    const there = await server();
    const connect = jest.spyOn(net, "connect");
    await withSession(there.declared(), (session) => session.run(echo("")));
    const ours = connect.mock.calls.map(([options]) => options).find((options) => "keepAlive" in Object(options));
    expect(ours).toMatchObject({ port: there.port, noDelay: true });
    connect.mockRestore();
  });

  test("publickey is offered first", async () => {
    const there = await server();
    await withSession(there.declared(), (session) => session.run(echo("")));
    expect(new Set(there.logins)).toEqual(new Set(["publickey"]));
  });

  test("the first script on a host takes no more than 10 round trips, and one with a channel of its own 3", async () => {
    const there = await server();
    const link = await new SlowLink().listen(there.port, 25);
    open.push(link);
    await withSession(there.declared({ port: link.port }), async (session) => {
      const start = Date.now();
      await session.run(echo(""));
      const cold = Date.now() - start;
      expect(link.roundTrips).toBeLessThanOrEqual(10);
      const before = link.roundTrips;
      const again = Date.now();
      await session.run({ ...echo(""), limit: 60 });
      // One round trip opens the channel, one is the exec request, one the script itself. ssh2 hands the channel out
      // only after the second.
      expect(link.roundTrips - before).toBeLessThanOrEqual(3);
      if (process.env.LVS_MEASURE)
        console.log({ before, roundTrips: link.roundTrips, cold: cold / 50, warm: (Date.now() - again) / 50 });
    });
  });
});

describe("a host that is not there", () => {
  test("refuses the connection: the error has host, address, user, time and cause", async () => {
    const port = await freePort();
    const declared = (await server()).declared({ port, ready: 1 });
    const run = withSession(declared, (session) => session.run(echo("")));
    await expect(run).rejects.toMatchObject({ name: "HostError", what: "unreachable" });
    const words = new RegExp(
      `^host rs1 \\(127\\.0\\.0\\.1:${port}\\): not reachable as root within 1 s, tried \\d+ times: connect ECONNREFUSED .*sshd.*PULUMI_LVS_FORGET=rs1 .*onUnreachable: "forget".*pulumi state delete`,
    );
    await expect(run).rejects.toThrow(words);
    const resource = { kind: "Sysctl", name: "it", id: "it", parents: [], state: {} };
    expect(await checkup([{ ...resource, inputs: { host: declared } }])).toMatchObject([
      { host: "rs1", error: expect.stringMatching(words), advice: [] },
    ]);
  });

  test("has a name that does not resolve: the error says so", async () => {
    const declared = (await server()).declared({ address: "no-such-host.invalid", ready: 1 });
    await expect(withSession(declared, (session) => session.run(echo("")))).rejects.toThrow(
      /no-such-host\.invalid:\d+\).*spelled right/,
    );
  });

  test("a name with an address that this machine cannot reach, and one that takes a second to connect", async () => {
    // A machine without IPv6 sorts the addresses so (RFC 6724, rule 1).
    const both = [
      { address: "127.0.0.1", family: 4 },
      { address: "2001:db8::1", family: 6 },
    ];
    const real = dns.lookup as (...args: unknown[]) => void;
    const lookup = jest.spyOn(dns, "lookup").mockImplementation(((name: string, ...rest: unknown[]) => {
      if (name !== "far.example") return real(name, ...rest);
      (rest.at(-1) as (error: null, addresses: object[]) => void)(null, both);
    }) as never);
    const [busy, port] = await busyDoor((await server()).port);
    open.push({ close: () => void busy.kill() });
    try {
      const declared = (await server()).declared({ address: "far.example", port, ready: 8 });
      const { dials } = statistics;
      const answer = await withSession(declared, (session) => session.run(echo("far")));
      expect(answer.looks[0]?.stdout).toBe("far");
      // A host that always takes so long is never reached by a second attempt either.
      expect(statistics.dials - dials).toBe(1);
    } finally {
      lookup.mockRestore();
    }
  });

  test("the login may take as long as `ready`, not only as long as the exchange of keys", async () => {
    const there = await server();
    const connect = jest.spyOn(NodeSSH.prototype, "connect");
    await withSession(there.declared({ ready: 200 }), (session) => session.run(echo("")));
    expect(connect.mock.calls[0]?.[0].readyTimeout).toBeGreaterThan(190_000);
    connect.mockRestore();
  });

  test("is waited for while it boots", async () => {
    const port = await freePort();
    const late = new SshServer({ port });
    open.push(late);
    setTimeout(() => late.listen(), 1_200);
    const probe = await server();
    const answer = await withSession(probe.declared({ port, ready: 10 }), (session) => session.run(echo("up")));
    expect(answer.looks[0]?.stdout).toBe("up");
  });

  test("is waited for when something accepts and hangs up, as sshd does over MaxStartups", async () => {
    const there = await server();
    let turns = 0;
    const door: Server = createServer((socket) => {
      if (++turns < 3) return socket.destroy();
      const inner = net.connect(there.port, "127.0.0.1");
      inner.on("error", () => {});
      socket.on("error", () => {});
      socket.pipe(inner).pipe(socket);
    });
    await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));
    open.push(door);
    const { port } = door.address() as { port: number };
    await withSession(there.declared({ port, ready: 10 }), (session) => session.run(echo("")));
    expect(turns).toBe(3);
  });

  test("answers TCP and sends nothing: the wait is bounded", async () => {
    const sockets: net.Socket[] = [];
    const mute = createServer((socket) => sockets.push(socket.on("error", () => {})));
    await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
    open.push(mute, { close: () => sockets.forEach((socket) => void socket.destroy()) });
    const { port } = mute.address() as { port: number };
    const declared = (await server()).declared({ port, ready: 1 });
    const start = Date.now();
    await expect(withSession(declared, (session) => session.run(echo("")))).rejects.toMatchObject({
      what: "unreachable",
    });
    expect(Date.now() - start).toBeLessThan(30_000);
  });
});

describe("a script in trouble", () => {
  test("the connection is cut while it runs", async () => {
    const there = await server();
    const run = withSession(there.declared(), (session) => session.run({ looks: [sh("sleep 5")] }));
    there.once("exec", () => setTimeout(() => there.cut(), 100));
    await expect(run).rejects.toMatchObject({ name: "HostError", what: "cut" });
    await expect(run).rejects.toThrow(/^host rs1 \(127.0.0.1:\d+\): the connection was lost while a script ran: /);
  });

  test("the connection is cut while it is sent: it does nothing, and the next one goes on", async () => {
    const there = await server({ cutAfter: 200_000 });
    const file = `/tmp/lvs-half-${process.pid}`;
    const big = { steps: [{ argv: ["touch", file] }, { argv: ["true"], stdin: `${"x".repeat(2_000_000)}\n` }] };
    await expect(withSession(there.declared(), (session) => session.run(big))).rejects.toMatchObject({ what: "cut" });
    const answer = await withSession(there.declared(), (session) =>
      session.run({ looks: [{ argv: ["test", "-e", file] }] }),
    );
    expect(answer.looks[0]?.exit).toBe(1);
  });

  test("the script hangs: the host ends it", async () => {
    const there = await server();
    const run = withSession(there.declared(), (session) =>
      session.run({ limit: 1, looks: [{ argv: ["sleep", "60"] }] }),
    );
    await expect(run).rejects.toMatchObject({ name: "HostError", what: "timeout" });
    await expect(run).rejects.toThrow(/did not end within 1 s/);
  });

  test("a step leaves a daemon that holds its output: the script ends all the same", async () => {
    const there = await server();
    const start = Date.now();
    const answer = await withSession(there.declared(), (session) =>
      session.run({ steps: [sh("setsid sleep 60 & echo started")] }),
    );
    expect(answer.steps[0]?.stdout).toBe("started\n");
    expect(Date.now() - start).toBeLessThan(40_000);
  });

  test("characters and megabytes arrive whole", async () => {
    const there = await server();
    const text = "仮想サーバー\n".repeat(150_000);
    const answer = await withSession(there.declared(), (session) =>
      session.run({ looks: [{ argv: ["cat"], stdin: text }] }),
    );
    expect(answer.looks[0]?.stdout === text).toBe(true);
  });

  test("the output has no end: the provider gives up", async () => {
    const there = await server();
    const run = withSession(there.declared(), (session) =>
      session.run({ limit: 60, looks: [sh("head -c 70000000 /dev/zero")] }),
    );
    await expect(run).rejects.toThrow(/printed more than 64 MiB/);
  });

  test("the user's login is no shell: the error says so", async () => {
    const { spawn } = await import("node:child_process");
    const there = await server({
      exec: () => spawn("sh", ["-c", "echo This account is currently not available.; exit 1"]),
    });
    await expect(withSession(there.declared(), (session) => session.run(echo("")))).rejects.toThrow(
      /exit 1: .*This account is currently not available/,
    );
  });
});

describe("through a jump host", () => {
  test("each of the two hosts gets one connection", async () => {
    const [gate, inner] = [await server(), await server()];
    const declared = inner.declared({ jump: gate.declared({ name: "gate" }) });
    const answers = await Promise.all(
      [1, 2, 3].map((i) => withSession(declared, (session) => session.run(echo(`${i}`)))),
    );
    expect(answers.map((answer) => answer.looks[0]?.stdout)).toEqual(["1", "2", "3"]);
    expect([gate.connections, inner.connections]).toEqual([1, 1]);
    expect(gate.commands).toEqual([]);
  });

  test("a host is reached by the jump host that is declared now, and not by the former one", async () => {
    const [former, gate, inner] = [await server(), await server(), await server()];
    const by = (jump: typeof gate) =>
      withSession(inner.declared({ jump: jump.declared({ name: "gate" }) }), (session) => session.run(echo("there")));
    for (const jump of [former, gate]) expect((await by(jump)).looks[0]?.stdout).toBe("there");
    expect([former.connections, gate.connections, inner.connections]).toEqual([1, 1, 2]);
  });

  test("the host behind the jump host is not there: the error names the way", async () => {
    const gate = await server();
    const declared = gate.declared({ port: await freePort(), ready: 1, jump: gate.declared({ name: "gate" }) });
    await expect(withSession(declared, (session) => session.run(echo("")))).rejects.toThrow(
      /^host rs1 \(127.0.0.1:\d+, through gate \(127.0.0.1:\d+\)\): not reachable/,
    );
  });

  test("the jump host is not there: the error names the jump host", async () => {
    const inner = await server();
    const declared = inner.declared({ jump: inner.declared({ name: "gate", port: await freePort(), ready: 1 }) });
    await expect(withSession(declared, (session) => session.run(echo("")))).rejects.toThrow(/^host gate /);
  });

  test("both connections are cut, and are made again", async () => {
    const [gate, inner] = [await server(), await server()];
    const declared = inner.declared({ jump: gate.declared({ name: "gate" }) });
    await withSession(declared, async (session) => {
      await session.run(echo(""));
      gate.cut();
      expect((await session.run(echo("back"))).looks[0]?.stdout).toBe("back");
      await session.reconnect();
    });
    expect([gate.connections, inner.connections]).toEqual([2, 3]);
  });
});
