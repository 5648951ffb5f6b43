import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

jest.mock(
  "../../tools/lab/keys.js",
  () => ({
    ensureHostKey: async ({ folder }: { folder: string }, guest: string) => ({
      privateKeyFile: `${folder}/keys/${guest}`,
      publicKey: `ssh-ed25519 AAAA${guest}`,
    }),
  }),
  { virtual: true },
);
jest.mock("../../tools/lab/connections.js", () => jest.requireActual("../../tools/lab/connections"), { virtual: true });
jest.mock("../../tools/node_modules/execa/index.js", () => ({}));

type Place = import("../../tools/lab/place.js", { with: { "resolution-mode": "import" }}).Place;

const { sshConfigFile, writeSshConfig } =
  jest.requireActual<typeof import("../../tools/lab/ssh-config.js", { with: { "resolution-mode": "import" }})>(
    "../../tools/lab/ssh-config",
  );

const guests = [
  { name: "director", address: "172.17.111.117", bridge: "lan" },
  { name: "rs1", address: "192.168.199.146", bridge: "hostonly", routed: true },
];
const user = { privateKeyFile: "/lab/keys/id_ed25519", publicKey: "ssh-ed25519 AAAAuser" };

let lab: Place;
beforeEach(() => {
  const folder = join(mkdtempSync(join(tmpdir(), "lvs-ssh-test-")), "nat");
  lab = { stack: "nat", folder, system: "/labs/nat" } as Place;
});
afterEach(() => rmSync(join(lab.folder, ".."), { recursive: true }));

const written = (name: string) => readFileSync(join(lab.folder, name), "utf8");

test("settings for all hosts come first, then each host with its address", async () => {
  await writeSshConfig(lab, guests, user);
  expect(sshConfigFile(lab)).toBe(join(lab.folder, "ssh_config"));
  expect(written("ssh_config")).toBe(`Host *
  User root
  IdentityFile "/lab/keys/id_ed25519"
  IdentitiesOnly yes
  UserKnownHostsFile "${lab.folder}/known_hosts"
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  PasswordAuthentication no
  ConnectTimeout 30
  LogLevel ERROR
  SendEnv -*
  ControlMaster auto
  ControlPath "/labs/nat/ssh/%r@%h"
  ControlPersist 600
  ServerAliveInterval 10
  ServerAliveCountMax 3
Host director
  HostName 172.17.111.117
Host rs1
  HostName 192.168.199.146
`);
});

test("a lab whose folder is too long for a socket's path shares no connections", async () => {
  const deep = { ...lab, system: `/${"a".repeat(63)}` };
  await writeSshConfig(deep, guests, user);
  expect(written("ssh_config")).toContain("ControlPath");
  await writeSshConfig({ ...lab, system: `${deep.system}a` }, guests, user);
  expect(written("ssh_config")).not.toContain("Control");
});

test("every host is known by name and by address, with the key it was given", async () => {
  await writeSshConfig(lab, guests, user);
  expect(written("known_hosts")).toBe(
    "director,172.17.111.117 ssh-ed25519 AAAAdirector\nrs1,192.168.199.146 ssh-ed25519 AAAArs1\n",
  );
});

test("a host with another address replaces the former entry", async () => {
  await writeSshConfig(lab, guests, user);
  await writeSshConfig(lab, [{ name: "rs1", address: "192.168.199.147", bridge: "hostonly" }], user);
  expect(written("ssh_config")).toContain("Host rs1\n  HostName 192.168.199.147\n");
  for (const name of ["ssh_config", "known_hosts"]) expect(written(name)).not.toMatch(/192\.168\.199\.146|director/);
});

test("ssh never reads half a file: the new file is complete when it takes the old one's place", async () => {
  await writeSshConfig(lab, guests, user);
  const [config, known] = ["ssh_config", "known_hosts"].map((name) => openSync(join(lab.folder, name), "r"));
  await Promise.all([1, 2, 3].map(() => writeSshConfig(lab, guests.slice(1), user)));
  for (const file of [config, known]) {
    expect(readFileSync(file ?? -1, "utf8")).toContain("director");
    closeSync(file ?? -1);
  }
  for (const name of ["ssh_config", "known_hosts"]) expect(written(name)).not.toContain("director");
  expect(readdirSync(lab.folder).sort()).toEqual(["known_hosts", "ssh_config"]);
});

const ssh = spawnSync("ssh", ["-V"]).status === 0 ? test : test.skip;
ssh("ssh itself reads the same values", async () => {
  await writeSshConfig(lab, guests, user);
  const { stdout, status } = spawnSync("ssh", ["-G", "-F", sshConfigFile(lab), "rs1"], { encoding: "utf8" });
  expect(status).toBe(0);
  const lines = stdout.split("\n");
  for (const line of [
    "user root",
    "hostname 192.168.199.146",
    "stricthostkeychecking true",
    "identitiesonly yes",
    "identityfile /lab/keys/id_ed25519",
    `userknownhostsfile ${lab.folder}/known_hosts`,
    "controlpath /labs/nat/ssh/root@192.168.199.146",
  ])
    expect(lines).toContain(line);
  expect(lines.filter((line) => line.startsWith("sendenv"))).toEqual([]);
});

ssh("ssh reads blanks, quotes and percent signs in a path", async () => {
  const strange = { ...lab, folder: join(lab.folder, 'a "b" %h\\ c') };
  const key = join(strange.folder, "id %d");
  await writeSshConfig(strange, guests, { ...user, privateKeyFile: key });
  // ssh gets as far as the key that it would offer.
  const { stderr } = spawnSync(
    "ssh",
    ["-vF", sshConfigFile(strange), "-o", "LogLevel=DEBUG3", "-o", "ProxyCommand=true", "rs1"],
    { encoding: "utf8" },
  );
  // ssh's log doubles backslashes.
  expect(stderr.replaceAll("\\\\", "\\")).toContain(`identity file ${key} type`);
  const { stdout } = spawnSync("ssh", ["-G", "-F", sshConfigFile(strange), "rs1"], { encoding: "utf8" });
  expect(stdout.split("\n")).toContain(`userknownhostsfile ${join(strange.folder, "known_hosts")}`);
});
