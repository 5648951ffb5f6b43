import { ALL, Server } from "./server";

jest.setTimeout(300_000);

// What an administrator does with Pulumi's own words. Each test begins where the one before it ended: the site is up.

let server: Server;

beforeAll(async () => {
  server = await Server.bare();
});
afterAll(() => server?.end());

const each = (...verbs: string[]) => verbs.flatMap((verb) => ALL.map((one) => `${verb} ${one}`)).sort();

test("up", async () => {
  let done: string[] = [];
  const missing = await server.missingDuring(async () => (done = await server.bringUp()));
  expect(missing).toEqual(["the address", "the file", "the order", "the setting"]);
  expect(done).toEqual(each("created"));
});

describe("nothing is missing at any time, and the host stays as it is, while", () => {
  test("everything is replaced", async () => {
    const urns = Object.values(server.project.state()).flatMap(({ urn }) => ["--replace", urn]);
    expect(await server.missingDuring(() => server.project.up("site", ...urns))).toEqual([]);
    await server.isUp("site");
  });

  test("everything is tainted", async () => {
    for (const { urn } of Object.values(server.project.state()))
      await server.project.must("site", "state", "taint", "--yes", urn);
    expect(await server.missingDuring(() => server.project.up("site"))).toEqual([]);
    await server.isUp("site");
  });

  test.each([
    "renamed host",
    "renamed resources",
    "renamed resources with aliases",
    "in a component",
    "in a component with aliases",
  ])("%s", async (edited) => {
    let done: string[] = [];
    expect(await server.missingDuring(async () => (done = await server.project.up(edited)))).toEqual([]);
    expect(done.length).toBeGreaterThan(0);
    // The host's ledger gets the new name. Without aliases there would be new resources.
    if (edited.endsWith("aliases")) for (const one of done) expect(one).toMatch(/^updated /);
    await server.isUp(edited);
    expect(await server.missingDuring(() => server.project.up("site"))).toEqual([]);
    await server.isUp("site");
  });
});

test.each(["renamed host", "renamed resources", "renamed resources with aliases"])(
  "%s, and another content in the same `up`: nothing else changes, nor the way back",
  async (edited) => {
    const missing = await server.missingDuring(() => server.project.up(`${edited}, changed`));
    expect(missing).toEqual(["the file"]);
    expect(await server.host.run("cat /etc/motd")).toBe("changed\n");
    await server.project.must(
      `${edited}, changed`,
      "up",
      "--refresh",
      "--yes",
      "--skip-preview",
      "--expect-no-changes",
    );
    await server.project.up("site");
    await server.isUp("site");
  },
);

test("`state move` to another stack: what is moved stays on the host, is changed there, and goes from there alone", async () => {
  const urn = server.project.urn("motd");
  const move = ["state", "move", "--yes", "--source", "site", "--dest", "second"];
  const inSecond = async <T>(work: () => Promise<T>) => {
    server.project.stack = "second";
    try {
      return await work();
    } finally {
      server.project.stack = "site";
    }
  };
  await inSecond(() => server.project.must("nothing", "stack", "init"));
  const missing = await server.missingDuring(async () => {
    await server.project.must("site", ...move, urn);
    expect(await server.project.up("without the file")).toEqual([]);
    expect(await inSecond(() => server.project.up("the file alone"))).toEqual(["updated File motd"]);
  });
  expect(missing).toEqual([]);
  expect(await inSecond(() => server.project.up("the file alone, changed"))).toEqual(["updated File motd"]);
  expect(await inSecond(() => server.project.destroy("the file alone"))).toEqual(["deleted File motd"]);
  expect(await server.host.run("cat /etc/motd")).toBe("found\n");
  await inSecond(() => server.project.must("nothing", "stack", "rm", "--yes"));
  expect(await server.project.up("site")).toEqual(["created File motd"]);
  await server.isUp("site");
});

describe("a part of the site", () => {
  test("--target: only what is named changes", async () => {
    const forward = server.project.urn("forward");
    expect(await server.project.up("changed", "--target", forward)).toEqual([]);
    expect(await server.host.run("cat /etc/motd")).toBe("declared\n");
    expect(await server.project.destroy("site", "--target", server.project.urn("motd"))).toEqual(["deleted File motd"]);
    expect(await server.host.run("cat /etc/motd")).toBe("found\n");
    expect(await server.project.up("site")).toEqual(["created File motd"]);
    await server.isUp("site");
  });

  test("ignoreChanges: an edit of the program changes nothing", async () => {
    expect(await server.project.up("changed, ignoring changes")).toEqual([]);
    await server.isUp("site");
  });

  test("retainOnDelete: what leaves the program stays on the host, and is taken up again", async () => {
    await server.project.up("retained on delete");
    await server.project.up("without the file");
    expect(server.project.state()).not.toHaveProperty("motd");
    expect(await server.host.run("cat /etc/motd")).toBe("declared\n");
    expect(await server.project.up("changed")).toEqual(["created File motd"]);
    expect(await server.project.up("site")).toEqual(["updated File motd"]);
    await server.isUp("site");
  });

  test("`state delete`: what the state has lost stays on the host, and is taken up again", async () => {
    await server.project.must("site", "state", "delete", "--yes", server.project.urn("motd"));
    expect(await server.project.up("changed")).toEqual(["created File motd"]);
    expect(await server.project.up("site")).toEqual(["updated File motd"]);
    await server.isUp("site");
  });

  test("protect: neither `destroy` nor an edit takes it away", async () => {
    await server.project.up("protected");
    for (const [program, command] of [
      ["protected", "destroy"],
      ["protected, without the file", "up"],
    ] as const) {
      const { exit, text } = await server.project.run(program, command, "--yes", "--skip-preview");
      expect(exit).not.toBe(0);
      expect(text).toContain("because it is protected");
    }
    await server.project.up("site");
    await server.isUp("site");
  });

  test("import: says that creating takes over what is there", async () => {
    await server.project.destroy("site", "--target", server.project.urn("motd"));
    const { exit, text } = await server.project.run("imported", "up", "--yes", "--skip-preview");
    expect(exit).not.toBe(0);
    expect(text).toMatch(/File "motd": import: .*Leave the option out: creating takes over what is there already/);
    expect(await server.project.up("site")).toEqual(["created File motd"]);
    await server.isUp("site");
  });
});

test("deleteBeforeReplace: what goes first comes back, and a role whose database would be left is refused", async () => {
  const replacing = (...names: string[]) => names.flatMap((name) => ["--replace", server.project.urn(name)]);
  await server.project.up("deleted before replaced", ...replacing("motd", "forward", "vip"));
  await server.isUp("deleted before replaced");
  const up = ["up", "--yes", "--skip-preview", ...replacing("owner")];
  const { exit, text } = await server.project.run("deleted before replaced", ...up);
  expect(exit).not.toBe(0);
  expect(text).toContain('role "shop" cannot be dropped');
  await server.project.up("site", "--refresh");
  await server.isUp("site");
});

describe("another name", () => {
  test("`stack rename`", async () => {
    await server.project.must("site", "stack", "rename", "other");
    server.project.stack = "other";
    expect(await server.project.up("site")).toEqual(each("updated"));
    await server.isUp("site");
    expect(await server.project.up("changed")).toEqual(["updated File motd"]);
    expect(await server.project.up("site")).toEqual(["updated File motd"]);
  });

  test("of the project", async () => {
    await server.project.must("site", "stack", "rename", "organization/another/site");
    server.project.name("another");
    server.project.stack = "site";
    expect(await server.project.up("site")).toEqual(each("updated"));
    await server.isUp("site");
    expect(await server.project.up("changed")).toEqual(["updated File motd"]);
    expect(await server.project.up("site")).toEqual(["updated File motd"]);
  });
});
