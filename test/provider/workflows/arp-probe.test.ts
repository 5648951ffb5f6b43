import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Answer, Script } from "../../../provider/host/command";
import { provider } from "../../../provider/index";
import { closeSites, type Site, serve } from "./site";

const trafficCheck = provider("TrafficCheck");

const MAC = "52:54:00:00:00:0a";

/**
 * The questions that hosts were asked. The director is asked for its hardware address. A sender is asked by scripts
 * that no test here runs.
 */
const mockAsked: string[] = [];
let mockFiles: Record<string, string> = {};
jest.mock("../../../provider/host/pool", () => ({
  withSession: (host: { name: string }, work: (session: unknown) => unknown) =>
    work({
      name: host.name,
      run: async ({ looks = [] }: Script): Promise<Pick<Answer, "looks">> => ({
        looks: looks.map(({ argv }) => {
          mockAsked.push(`${host.name}: ${argv.join(" ")}`);
          const found = mockFiles[argv[1] ?? ""];
          return { exit: found ? 0 : 1, stdout: found ?? "", stderr: "" };
        }),
      }),
    }),
}));

const before = process.env.PATH;
let folder: string;
let site: Site;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "lvs-arping-"));
  mkdirSync(join(folder, "bin"));
  mockAsked.length = 0;
  mockFiles = { "/sys/class/net/eth0/address": `${MAC}\n` };
  site = await serve(["rs1"]);
});
afterEach(async () => {
  process.env.PATH = before;
  rmSync(folder, { recursive: true });
  await closeSites();
});

/** Installs an arping that prints this version with -V, and this text when it asks. */
function arping(version: string, said: string, exit = 0): void {
  const file = join(folder, "bin", "arping");
  writeFileSync(
    file,
    `#!/bin/sh\nif [ "$1" = -V ]; then echo "${version}"; exit; fi\necho "$*" >>${folder}/calls\ncat <<'END'\n${said}\nEND\nexit ${exit}\n`,
  );
  chmodSync(file, 0o755);
  process.env.PATH = [join(folder, "bin"), before].join(delimiter);
}
const calls = () => readFileSync(join(folder, "calls"), "utf8").trim().split("\n");

const IPUTILS = "arping from iputils 20221126";
const said = (...macs: string[]) =>
  [
    "ARPING 127.0.0.1 from 127.0.0.2 lan",
    ...macs.map((mac) => `Unicast reply from 127.0.0.1 [${mac.toUpperCase()}]  0.5ms`),
    "Sent 3 probes (3 broadcast(s))",
    `Received ${macs.length} response(s)`,
  ].join("\n");

const inputs = (more: object = {}) => ({
  ...{ url: site.url, requests: 1, within: 0 },
  expect: {
    arp: { address: "127.0.0.1", device: "lan", director: { name: "director" }, directorDevice: "eth0", ...more },
  },
});
async function run(more: object = {}) {
  const checked = await trafficCheck.check({}, inputs(more));
  expect(checked.failures).toEqual([]);
  return trafficCheck.create(checked.inputs);
}

test("asks once, by broadcasts alone, and compares with the director's own hardware address", async () => {
  arping(IPUTILS, said(MAC, MAC, MAC));
  expect((await run()).outs).toMatchObject({ distribution: { rs1: 1 } });
  expect(calls()).toEqual(["-b -c 3 -w 5 -I lan 127.0.0.1"]);
  expect(mockAsked).toEqual(["director: cat /sys/class/net/eth0/address"]);
});

test("a real server that answers too fails the update, by name of its hardware address", async () => {
  arping(IPUTILS, said("52:54:00:00:00:0b", MAC));
  await expect(run()).rejects.toThrow(
    /^ARP for 127\.0\.0\.1 on lan \(where Pulumi runs\): 52:54:00:00:00:0a and 52:54:00:00:00:0b answered, .*: 52:54:00:00:00:0b must not answer\. .*arp_ignore/,
  );
});

test("nobody that answers fails it as well", async () => {
  arping(IPUTILS, said(), 1);
  await expect(run()).rejects.toThrow("on lan (where Pulumi runs): nobody answered");
});

test.each([
  ["the other arping", "arping: invalid option -- 'V'", said(MAC), 0, "not that of iputils"],
  [
    "a missing interface",
    IPUTILS,
    "arping: Device lan not available.",
    2,
    "exit 2: arping: Device lan not available. Does",
  ],
  ["no answer that can be read", IPUTILS, "hello", 0, "arping failed: exit 0: hello"],
])("%s", async (_, version, text, exit, reason) => {
  arping(version, text, exit);
  await expect(run()).rejects.toThrow(reason);
});

test("no arping: says what to install", async () => {
  // The folder has a shell and nothing else. The folders that the script adds to PATH have no arping on Debian.
  symlinkSync("/bin/sh", join(folder, "bin", "sh"));
  process.env.PATH = join(folder, "bin");
  await expect(run()).rejects.toThrow(/there is no arping to ask with\. Install it: iputils-arping on Debian/);
});

test("a director without that interface is told apart", async () => {
  await expect(run({ directorDevice: "eth7" })).rejects.toThrow(
    "host director: it has no interface eth7 (expect.arp.directorDevice)",
  );
});

test("the director's interface is by default named as the sender's", async () => {
  const { directorDevice: _, ...arp } = inputs().expect.arp;
  const { inputs: normal } = await trafficCheck.check({}, { ...inputs(), expect: { arp } });
  expect(normal.expect).toMatchObject({ arp: { device: "lan", directorDevice: "lan" } });
});

test("another way to the director asks nobody; another director does", async () => {
  arping(IPUTILS, said(MAC));
  const { id, outs } = await run();
  const moved = await trafficCheck.check({}, inputs({ director: { name: "director", port: 2222 } }));
  expect((await trafficCheck.diff(id, outs, moved.inputs)).changes).toBe(true);
  const stored = await trafficCheck.update?.(id, outs, moved.inputs);
  expect(stored?.outs).toMatchObject({ distribution: { rs1: 1 }, expect: { arp: { director: { port: 2222 } } } });
  expect([calls().length, site.requests]).toEqual([1, 1]);
  const other = await trafficCheck.check({}, inputs({ director: { name: "director2" } }));
  await trafficCheck.update?.(id, outs, other.inputs);
  expect([calls().length, site.requests]).toEqual([2, 2]);
});

test("nobody is asked while requests are not as expected", async () => {
  arping(IPUTILS, said(MAC));
  const checked = await trafficCheck.check({}, inputs());
  const expect_ = { ...(checked.inputs.expect as object), servers: { rs2: 1 } };
  await expect(trafficCheck.create({ ...checked.inputs, expect: expect_ })).rejects.toThrow("rs2 did not answer");
  expect(mockAsked).toEqual([]);
});

test.each([
  [{ address: "fd00::1" }, "expect.arp.address", "IPv4"],
  [{ device: "eth 0" }, "expect.arp.device", "interface"],
  [{ directorDevice: "" }, "expect.arp.directorDevice", "interface"],
])("%j is refused", async (more, property, reason) => {
  const { failures } = await trafficCheck.check({}, inputs(more));
  expect(failures).toEqual([{ property, reason: expect.stringContaining(reason) }]);
});
