import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readlinkSync } from "node:fs";

type Namespace = typeof import("../../tools/lab/namespace.js", { with: { "resolution-mode": "import" }});
type Clients = typeof import("../../tools/lab/clients.js", { with: { "resolution-mode": "import" }});
type Places = typeof import("../../tools/lab/place.js", { with: { "resolution-mode": "import" }});
type Place = import("../../tools/lab/place.js", { with: { "resolution-mode": "import" }}).Place;

/** execa is an ECMAScript module, and jest loads CommonJS. The lab's network needs only this much of execa. */
const mockExeca = async (command: string, args: string[], options: { reject?: boolean } = {}) => {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0 && options.reject !== false) throw new Error(`${command} ${args.join(" ")}: ${stderr}`);
  return { exitCode: status, stdout: stdout.trimEnd(), stderr };
};
jest.mock("../../tools/node_modules/execa/index.js", () => ({ execa: mockExeca }));
jest.mock("../../tools/lab/topology.js", () => jest.requireActual("../../tools/lab/topology"), { virtual: true });
jest.mock("../../tools/cache.js", () => ({ root: "/checkout" }), { virtual: true });
jest.mock("../../tools/lab/place.js", () => jest.requireActual("../../tools/lab/place"), { virtual: true });
jest.mock("../../tools/lab/namespace.js", () => jest.requireActual("../../tools/lab/namespace"), { virtual: true });

const { namespaces }: Places = jest.requireActual("../../tools/lab/place");
const { ensureNamespace, removeNamespace }: Namespace = jest.requireActual("../../tools/lab/namespace");
const { ensureClients, removeClients }: Clients = jest.requireActual("../../tools/lab/clients");

const id = `lvs-${randomBytes(3).toString("hex")}-network-test`;
const lab = { id, namespace: id } as Place;

beforeAll(() => ensureNamespace(lab, []));
afterAll(async () => {
  await removeClients(lab);
  await removeNamespace(lab.namespace);
});

const ip = async (namespace: string, ...args: string[]) =>
  JSON.parse((await mockExeca("ip", ["-n", namespace, "-json", ...args])).stdout || "[]");
const clients = async () => (await namespaces()).filter((name) => name.startsWith(`${id}.`)).sort();
const addresses = async (namespace: string, device: string) =>
  (await ip(namespace, "-4", "address", "show", "dev", device)).flatMap(
    (link: { addr_info: { local: string; secondary?: boolean }[] }) =>
      link.addr_info.map(({ local, secondary }) => [local, secondary ?? false]),
  );

test("the LAN has more addresses to send from, and only what asks for one is sent from it", async () => {
  const sources = ["172.17.111.11", "172.17.111.12", "172.17.111.13", "172.17.111.14"];
  const expected = [["172.17.111.1", false], ...sources.map((source) => [source, true])];
  expect(await addresses(id, "lan")).toEqual(expected);
  await ensureNamespace(lab, []);
  expect(await addresses(id, "lan")).toEqual(expected);
  for (const to of ["172.17.111.111", "172.17.111.117", "172.17.111.234", "172.17.111.222"])
    expect((await ip(id, "route", "get", to))[0].prefsrc).toBe("172.17.111.1");
});

test("a lab has exactly the declared number of clients, each with an address of its own and a way to the others", async () => {
  await ensureClients(lab, 3);
  expect(await clients()).toEqual([1, 2, 3].map((n) => `${id}.client${n}`));
  for (const n of [1, 2, 3])
    expect(await addresses(`${id}.client${n}`, "eth0")).toEqual([[`172.17.111.${200 + n}`, false]]);
  await mockExeca("ip", ["netns", "exec", `${id}.client3`, "arping", "-f", "-w5", "-Ieth0", "172.17.111.11"]);
  await mockExeca("ip", ["netns", "exec", `${id}.client3`, "arping", "-f", "-w5", "-Ieth0", "172.17.111.201"]);
});

test("a smaller number removes the last clients, with their processes and interfaces; a greater number makes them anew", async () => {
  const { stdout } = await mockExeca("ip", [
    "netns",
    "exec",
    `${id}.client3`,
    "sh",
    "-c",
    "sleep 300 >&- 2>&- & echo $!",
  ]);
  expect(readlinkSync(`/proc/${stdout}/exe`)).toMatch(/sleep|coreutils/);
  await ensureClients(lab, 1);
  expect(await clients()).toEqual([`${id}.client1`]);
  // The process may still be a zombie, but it runs no program any more.
  expect(() => readlinkSync(`/proc/${stdout}/exe`)).toThrow("ENOENT");
  const ports = async () =>
    (await ip(id, "link", "show", "master", "lan")).map(({ ifname }: { ifname: string }) => ifname).sort();
  expect(await ports()).toEqual(["client1"]);
  await ensureClients(lab, 2);
  expect(await ports()).toEqual(["client1", "client2"]);
  await mockExeca("ip", ["netns", "exec", `${id}.client2`, "arping", "-f", "-w5", "-Ieth0", "172.17.111.1"]);
});

test("a lab may have no client", async () => {
  await ensureClients(lab, 0);
  expect(await clients()).toEqual([]);
});
