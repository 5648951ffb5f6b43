import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { artefact } from "../artefact";
import type { Host } from "./host";
import { manageServices } from "./service-manager";
import { declare, Resource, Site } from "./site";
import { snapshot } from "./snapshot";

const server = (words: string) => `
const { createServer } = require("node:http");
const { writeFileSync } = require("node:fs");
const { PORT, NAME, SECRET, MEDIA } = process.env;
if (!SECRET) throw new Error("no secret");
writeFileSync(MEDIA + "/started", ${JSON.stringify(words)});
createServer((request, response) => {
  if (request.url === "/readyz") response.writeHead(${words === "broken" ? 503 : 200}, { "X-Backend": NAME });
  response.end(${JSON.stringify(words)} + " " + SECRET.length + " " + process.getuid());
}).listen(PORT);
console.log(${JSON.stringify(words)} + " listens");
`;
const artefacts = Object.fromEntries(
  ["one", "two", "broken"].map((words) => [
    words,
    artefact({ "server.js": server(words), "prepare.sh": "id -un; id -Gn\n" }),
  ]),
);
const SECRET = `never-seen-0815 "$HOME" \`id\` \\ 'at all'`;
const [A, B, C] = ["a", "b", "c"].map((letter) => letter.repeat(32)) as [string, string, string];

const site = new Site();
const addresses: Record<string, string> = { rs1: "10.77.13.2", rs2: "10.77.13.3" };
const hosts: Record<string, Host> = {};
let before: string[];

beforeAll(async () => {
  const lan = await site.network("10.77.13.1/24");
  for (const [name, address] of Object.entries(addresses)) {
    const host = await site.host(name, { eth0: [lan, `${address}/24`] });
    await manageServices(host);
    await host.run("mkdir -p /etc/systemd/system");
    hosts[name] = host;
  }
  before = await snapshots();
});
afterAll(async () => {
  await site.close();
  for (const { path } of Object.values(artefacts)) rmSync(dirname(path), { recursive: true });
});

const each = <T>(work: (name: string, host: Host, address: string) => Promise<T>) =>
  Promise.all(Object.entries(hosts).map(([name, host]) => work(name, host, addresses[name] as string)));
// useradd and userdel keep copies of the files that they change.
const snapshots = () =>
  each(async (_, host) => {
    await host.run("rm -f /etc/passwd- /etc/group- /etc/shadow- /etc/gshadow- /etc/subuid- /etc/subgid-");
    return snapshot(host);
  });
const users = Object.fromEntries(
  Object.keys(addresses).map((name) => [
    name,
    () => new Resource("SystemUser", { host: connection(name), user: "lvsshop" }),
  ]),
);
const connection = (name: string) => declare(hosts[name] as Host, addresses[name] as string);
const release = (name: string, id: string, words: string) =>
  new Resource("Release", {
    ...{ host: connection(name), site: "lvsshop", root: "/srv/lvsshop", release: id, artefact: artefacts[words] },
    ...{ start: [process.execPath, "server.js"], user: "lvsshop", shared: ["media"], deleteData: true },
    environment: { PORT: "80", NAME: name, SECRET, MEDIA: "/srv/lvsshop/shared/media" },
  });
const rollout = (id: string, more: object = {}) =>
  new Resource("Rollout", {
    ...{ site: "lvsshop", root: "/srv/lvsshop", release: id, user: "lvsshop", ready: { path: "/readyz", within: 10 } },
    servers: Object.entries(addresses).map(([name, address]) => ({ host: connection(name), address })),
    ...more,
  });
const answers = () =>
  each(async (_, host, address) => (await host.run(`curl -s --noproxy '*' http://${address}/`)).split(" "));

test("an application is installed, runs as its user with its secrets, is exchanged, and goes without trace", async () => {
  jest.spyOn(console, "log").mockImplementation(() => {});
  // The application runs without nginx, so its user must be allowed to listen on port 80.
  await each((_, host) => host.run("sysctl -qw net.ipv4.ip_unprivileged_port_start=80"));
  const all = Object.entries(addresses).map(([name]) => ({
    user: (users[name] as () => Resource)(),
    release: release(name, A, "one"),
  }));
  await Promise.all(
    all.map(async (one) => {
      await one.user.create();
      await one.release.create();
    }),
  );
  const rolling = rollout(A, { prepare: ["sh", "prepare.sh"] });
  await rolling.create();
  const length = String(SECRET.length);
  expect((await answers()).map(([words, size]) => [words, size])).toEqual([
    ["one", length],
    ["one", length],
  ]);
  expect((await answers()).map(([, , uid]) => Number(uid) > 0)).toEqual([true, true]);
  expect(jest.mocked(console.log).mock.calls.flat()).toContain("lvsshop: preparing release aaaaaaaaaaaa: lvsshop");

  for (const one of all) expect([await one.release.read(), await one.release.differences()]).toEqual([true, []]);
  expect([await rolling.read(), await rolling.differences()]).toEqual([true, []]);

  const open = await each((_, host) =>
    host.run(
      `cat >/run/pattern; chmod 600 /run/pattern
      grep -laF -f /run/pattern /proc/[0-9]*/cmdline
      grep -rlF -f /run/pattern /etc /srv /var/lib/lvs /tmp | xargs -r stat -c '%a %U %n'
      rm /run/pattern`,
      "never-seen-0815\n",
    ),
  );
  for (const said of open) expect(said).toBe(`600 root /srv/lvsshop/releases/${A}/environment\n`);
  expect(
    JSON.stringify([rolling.state, ...all.map((one) => ({ ...one.release.state, environment: "" }))]),
  ).not.toContain("never-seen");

  // Changes by hand: a stopped unit, and changed pages.
  const { rs1, rs2 } = hosts as Record<"rs1" | "rs2", Host>;
  await rs1.run("systemctl stop lvsshop.service; echo >>/srv/lvsshop/current/app/server.js");
  await rs2.run("echo >>/srv/lvsshop/current/app/server.js");
  await Promise.all([...all.map((one) => one.release.read()), rolling.read()]);
  const differ = () => Promise.all([...all.map((one) => one.release.differences()), rolling.differences()]);
  expect(await differ()).toEqual([["release"], ["release"], ["running"]]);
  expect(all.map((one) => one.release.state.release)).toEqual(Array(2).fill(`${A}, app was changed`));
  expect(rolling.state.running).toEqual({
    rs1: `${A}, its files were changed, failed`,
    rs2: `${A}, its files were changed`,
  });
  // Until the rollout takes it out of service, rs2 serves files from the release, and its application opens more of them: none
  // may be missing at any moment.
  await rs2.run(
    `cat >/usr/local/bin/mv; chmod 755 /usr/local/bin/mv`,
    `#!/bin/sh
there() { [ -e /srv/lvsshop/current/app/server.js ] && [ -e "/proc/$(cat /run/units/lvsshop.service.pid)/cwd/server.js" ] || echo missing >>/run/moves; }
echo moved >>/run/moves
there
/usr/bin/mv "$@" || exit
there
`,
  );
  await Promise.all(all.map((one) => one.release.up()));
  expect(
    await rs2.run("rm /usr/local/bin/mv; ls /proc/$(cat /run/units/lvsshop.service.pid)/cwd; sort -u /run/moves"),
  ).toBe("prepare.sh\nserver.js\nmoved\n");
  await rolling.up();
  expect(await differ()).toEqual([[], [], []]);
  for (const host of [rs1, rs2])
    expect(await host.run("rm -f /run/moves; cd /srv/lvsshop; ls -A releases; readlink current")).toBe(
      `${A}\nreleases/${A}\n`,
    );

  for (const [i, name] of Object.keys(addresses).entries())
    await all[i]?.release.update(release(name, B, "two").inputs);
  await rolling.update(rollout(B).inputs);
  expect((await answers()).map(([words]) => words)).toEqual(["two", "two"]);

  for (const [i, name] of Object.keys(addresses).entries())
    await all[i]?.release.update(release(name, C, "broken").inputs);
  const failing = rollout(C, { ready: { path: "/readyz", within: 2 } });
  await expect(rolling.update(failing.inputs)).rejects.toThrow(
    /\/readyz answers 503: broken .*The end of its log:\n.*broken listens\nrs[12] runs release b{12} again/s,
  );
  expect((await answers()).map(([words]) => words)).toEqual(["two", "two"]);

  await rolling.delete();
  for (const one of all) {
    await one.release.delete();
    await one.user.delete();
  }
  await each((_, host) => host.run("sysctl -qw net.ipv4.ip_unprivileged_port_start=1024; rm -rf /run/units"));
  expect(await snapshots()).toEqual(before);
});
