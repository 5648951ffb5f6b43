import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";

type Module = typeof import("../../tools/stacks.js", { with: { "resolution-mode": "import" }});
type Backends = typeof import("../../tools/backend.js", { with: { "resolution-mode": "import" }});
type Toolchain = Parameters<Module["forgetStack"]>[1];

const mockExeca = jest.fn();
const mockRelease = jest.fn();
const mockConfiguration = jest.fn();
let mockRoot = "";
jest.mock("../../tools/node_modules/execa/index.js", () => ({ execa: mockExeca }));
jest.mock("../../tools/stale-lock.js", () => ({ releaseStaleLocks: mockRelease }), { virtual: true });
jest.mock("../../tools/lab/index.js", () => ({ labConfiguration: mockConfiguration }), { virtual: true });
jest.mock("../../tools/cache.js", () => ({ root: mockRoot }), { virtual: true });
jest.mock("../../tools/backend.js", () => jest.requireActual("../../tools/backend"), { virtual: true });

const variables = [
  "PULUMI_BACKEND_URL",
  "PULUMI_ACCESS_TOKEN",
  "PULUMI_CONFIG_PASSPHRASE",
  "PULUMI_CONFIG_PASSPHRASE_FILE",
];
const before = Object.fromEntries(variables.map((name) => [name, process.env[name]]));
const toolchain = { pulumi: "/tools/pulumi", environment: { PATH: "/tools" } } as unknown as Toolchain;

let backends: Backends;
let stacks: Module;
let known: string[];
beforeEach(() => {
  for (const name of variables) delete process.env[name];
  mockRoot = mkdtempSync(join(tmpdir(), "lvs-stacks-test-"));
  mkdirSync(join(mockRoot, ".lab", "nat"), { recursive: true });
  jest.resetModules();
  jest.resetAllMocks();
  backends = jest.requireActual("../../tools/backend");
  stacks = jest.requireActual("../../tools/stacks");
  known = [];
  mockConfiguration.mockResolvedValue({ "libvirt:uri": "qemu:///lab", "pulumi-lvs:lab": { pool: "/pool" } });
  mockExeca.mockImplementation(async (_: string, [, verb, stack]: string[]) => {
    if (verb === "init")
      writeFileSync(join(mockRoot, `Pulumi.${stack}.yaml`), "encryptionsalt: v1:abc # keep\nconfig: {}\n");
    return { exitCode: 0, stdout: verb === "ls" ? JSON.stringify(known.map((name) => ({ name }))) : "" };
  });
});
afterEach(() => rmSync(mockRoot, { recursive: true }));
afterAll(() => {
  for (const [name, value] of Object.entries(before)) if (value !== undefined) process.env[name] = value;
});

const commands = () => mockExeca.mock.calls.map(([, args]) => args.slice(0, 3).join(" "));
const configuration = () => readFileSync(backends.configurationFile("nat"), "utf8");

test("a new stack's configuration moves beside its lab, with the salt that Pulumi wrote", async () => {
  await stacks.prepareStack("nat", { experiment: "nat" }, toolchain);
  expect(commands()).toEqual(["stack ls --json", "stack init nat"]);
  expect(existsSync(join(mockRoot, "Pulumi.nat.yaml"))).toBe(false);
  expect(backends.configurationFile("nat")).toBe(join(mockRoot, ".lab", "nat", "Pulumi.nat.yaml"));
  expect(parse(configuration())).toEqual({
    encryptionsalt: "v1:abc",
    config: { "libvirt:uri": "qemu:///lab", "pulumi-lvs:lab": { pool: "/pool" }, "pulumi-lvs:experiment": "nat" },
  });
});

test("a stack that is there keeps its user's part, comments too, and is not written where nothing changes", async () => {
  known = ["nat"];
  writeFileSync(
    backends.configurationFile("nat"),
    "config:\n  # mine\n  pulumi-lvs:weights:\n    rs1: 3\n  pulumi-lvs:experiment: nat\n  libvirt:uri: old\n",
  );
  await stacks.prepareStack("nat", {}, toolchain);
  const first = configuration();
  expect(first).toContain("# mine");
  expect(parse(first).config).toEqual({
    "pulumi-lvs:weights": { rs1: 3 },
    "pulumi-lvs:experiment": "nat",
    "libvirt:uri": "qemu:///lab",
    "pulumi-lvs:lab": { pool: "/pool" },
  });
  const { mtimeNs } = statSync(backends.configurationFile("nat"), { bigint: true });
  await stacks.prepareStack("nat", {}, toolchain);
  expect(statSync(backends.configurationFile("nat"), { bigint: true }).mtimeNs).toBe(mtimeNs);
  expect(commands()).toEqual(["stack ls --json", "stack ls --json"]);
});

describe("a new stack of a name that was configured before", () => {
  let printed: jest.SpyInstance;
  beforeEach(() => {
    printed = jest.spyOn(console, "error").mockImplementation();
  });
  afterEach(() => printed.mockRestore());

  test("has the user's part, comments too, and a salt of its own", async () => {
    writeFileSync(
      backends.configurationFile("nat"),
      "encryptionsalt: v1:old\nconfig:\n  # mine\n  pulumi-lvs:weights:\n    rs1: 3\n  libvirt:uri: old\n",
    );
    await stacks.prepareStack("nat", {}, toolchain);
    expect(configuration()).toContain("# mine");
    expect(parse(configuration())).toEqual({
      encryptionsalt: "v1:abc",
      config: { "pulumi-lvs:weights": { rs1: 3 }, "libvirt:uri": "qemu:///lab", "pulumi-lvs:lab": { pool: "/pool" } },
    });
    expect(existsSync(join(mockRoot, "Pulumi.nat.yaml"))).toBe(false);
    expect(printed).not.toHaveBeenCalled();
  });

  test("has nothing that only the old salt could decrypt, and says so", async () => {
    writeFileSync(
      backends.configurationFile("nat"),
      `encryptionsalt: v1:old
config:
  a:plain: { secure: mode, other: 1 }
  a:whole: { secure: v1:x }
  a:part: { users: [{ name: me, password: { secure: v1:y } }] }
`,
    );
    await stacks.prepareStack("nat", {}, toolchain);
    expect(parse(configuration()).config).toEqual({
      "a:plain": { secure: "mode", other: 1 },
      "libvirt:uri": "qemu:///lab",
      "pulumi-lvs:lab": { pool: "/pool" },
    });
    expect(printed).toHaveBeenCalledWith(expect.stringMatching(/Pulumi\.nat\.yaml: .*set again: a:whole, a:part$/));
  });

  test.each(["", "encryptionsalt: v1:old\n", "config:\n", "config: {}\n"])("%j has no user's part", async (text) => {
    writeFileSync(backends.configurationFile("nat"), text);
    await stacks.prepareStack("nat", {}, toolchain);
    expect(parse(configuration())).toEqual({
      encryptionsalt: "v1:abc",
      config: { "libvirt:uri": "qemu:///lab", "pulumi-lvs:lab": { pool: "/pool" } },
    });
  });

  test("is not made while that configuration cannot be read", async () => {
    writeFileSync(backends.configurationFile("nat"), "config: {\n");
    await expect(stacks.prepareStack("nat", {}, toolchain)).rejects.toThrow(/Pulumi\.nat\.yaml: /);
    expect(commands()).toEqual(["stack ls --json"]);
    expect(configuration()).toBe("config: {\n");
  });
});

test("a configuration that went lost is written anew, readable for its owner alone", async () => {
  known = ["nat"];
  await stacks.prepareStack("nat", {}, toolchain);
  expect(parse(configuration()).config).toMatchObject({ "libvirt:uri": "qemu:///lab" });
  expect(statSync(backends.configurationFile("nat")).mode & 0o777).toBe(0o600);
});

test("a stack name that the user's own configuration has is refused, and nothing is touched", async () => {
  const own = join(mockRoot, "Pulumi.nat.yaml");
  writeFileSync(own, "config: { mine: 1 }\n");
  await expect(stacks.prepareStack("nat", { experiment: "nat" }, toolchain)).rejects.toThrow(
    /^Pulumi\.nat\.yaml configures hosts of your own: rename that stack/,
  );
  expect(readFileSync(own, "utf8")).toBe("config: { mine: 1 }\n");
  expect(commands()).toEqual(["stack ls --json"]);
});

test("stale locks are released before Pulumi is asked anything", async () => {
  known = ["nat"];
  await stacks.prepareStack("nat", {}, toolchain);
  await stacks.forgetStack("nat", toolchain);
  for (const call of mockRelease.mock.calls)
    expect(call).toEqual([join(backends.labFolder, ".state"), "pulumi-lvs", "nat"]);
  const [released] = mockRelease.mock.invocationCallOrder;
  const [asked] = mockExeca.mock.invocationCallOrder;
  expect(released).toBeLessThan(asked ?? 0);
});

test("forgetting a stack keeps its configuration, and is nothing where there is none", async () => {
  await stacks.forgetStack("nat", toolchain);
  expect(commands()).toEqual(["stack ls --json"]);
  known = ["nat"];
  await stacks.forgetStack("nat", toolchain);
  expect(mockExeca.mock.calls.at(-1)?.[1]).toEqual(
    expect.arrayContaining(["rm", "nat", "--force", "--preserve-config"]),
  );
});

test("an error of Pulumi is passed on with the command", async () => {
  mockExeca.mockResolvedValue({ exitCode: 255, stdout: "", stderr: "error: no backend" });
  await expect(stacks.forgetStack("nat", toolchain)).rejects.toThrow("pulumi stack ls --json: error: no backend");
});

describe("the backend", () => {
  test("is a folder of the checkout, with a passphrase that stays the same", async () => {
    const first = await backends.backend();
    expect(first).toEqual({
      PULUMI_BACKEND_URL: `file://${join(mockRoot, ".lab", ".state")}`,
      PULUMI_CONFIG_PASSPHRASE_FILE: join(mockRoot, ".lab", ".passphrase"),
    });
    const file = first.PULUMI_CONFIG_PASSPHRASE_FILE ?? "";
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const passphrase = readFileSync(file, "utf8");
    expect(passphrase).toMatch(/^[\w-]{32}\n$/);
    expect(await backends.backend()).toEqual(first);
    expect(readFileSync(file, "utf8")).toBe(passphrase);
  });

  test.each([
    ["PULUMI_BACKEND_URL", ["PULUMI_CONFIG_PASSPHRASE_FILE"]],
    ["PULUMI_ACCESS_TOKEN", ["PULUMI_CONFIG_PASSPHRASE_FILE"]],
    ["PULUMI_CONFIG_PASSPHRASE", ["PULUMI_BACKEND_URL"]],
    ["PULUMI_CONFIG_PASSPHRASE_FILE", ["PULUMI_BACKEND_URL"]],
  ])("is the user's own choice where there is %s", async (name, set) => {
    process.env[name] = "chosen";
    expect(Object.keys(await backends.backend())).toEqual(set);
  });
});
