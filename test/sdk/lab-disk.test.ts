import { execFileSync } from "node:child_process";
import fs, {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as fc from "fast-check";
import { isoImage } from "../../sdk/lab/iso";
import { qcow2 } from "../../sdk/lab/qcow2";
import type { Seed } from "../../sdk/lab/seed";
import { removeSeedFile, seedFile } from "../../sdk/lab/seed-file";

const installed = (tool: string) =>
  (process.env.PATH ?? "").split(":").some((folder) => existsSync(join(folder, tool)));
/** A test that needs these real tools. It is skipped where one is missing. */
const testWith = (...tools: string[]) => (tools.every(installed) ? test : test.skip);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lvs-disk-test-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Reads an image by the rules of ECMA-119 alone. Returns the label and the files of the root folder. */
function readIso(image: Buffer): { label: string; sectors: number; files: Record<string, string> } {
  const descriptor = image.subarray(16 * 2048, 17 * 2048);
  expect(descriptor.toString("latin1", 0, 7)).toBe("\x01CD001\x01");
  expect(image.toString("latin1", 17 * 2048, 17 * 2048 + 7)).toBe("\xffCD001\x01");
  const both = (at: Buffer, offset: number) => {
    expect(at.readUInt32BE(offset + 4)).toBe(at.readUInt32LE(offset));
    return at.readUInt32LE(offset);
  };
  const root = descriptor.subarray(156, 190);
  const start = both(root, 2) * 2048;
  const directory = image.subarray(start, start + both(root, 10));
  const files: Record<string, string> = {};
  for (let at = 0; at < directory.length && directory[at]; at += directory[at] ?? 0) {
    const entry = directory.subarray(at, at + (directory[at] ?? 0));
    const name = entry.toString("latin1", 33, 33 + (entry[32] ?? 0));
    if (((entry[25] ?? 0) & 2) !== 0) continue;
    files[name] = image.toString("utf8", both(entry, 2) * 2048, both(entry, 2) * 2048 + both(entry, 10));
  }
  return { label: descriptor.toString("latin1", 40, 72).trimEnd(), sectors: both(descriptor, 80), files };
}

/** Reads a qcow2 file by the rules of docs/interop/qcow2.txt alone. */
function readQcow2(file: Buffer): Buffer {
  expect(file.toString("latin1", 0, 4)).toBe("QFI\xfb");
  const cluster = 1 << file.readUInt32BE(20);
  const size = Number(file.readBigUInt64BE(24));
  const at = (offset: number) => Number(file.readBigUInt64BE(offset) & 0x00ff_ffff_ffff_fe00n);
  expect(file.readUInt32BE(36)).toBe(1);
  const l2 = at(Number(file.readBigUInt64BE(40)));
  const clusters = Array.from({ length: Math.ceil(size / cluster) }, (_, index) => at(l2 + index * 8));
  for (const offset of clusters) expect(offset % cluster).toBe(0);
  expect(new Set(clusters).size).toBe(clusters.length);
  return Buffer.concat(clusters.map((offset) => file.subarray(offset, offset + cluster))).subarray(0, size);
}

const contents = {
  "user-data": `#cloud-config\n${"é".repeat(3000)}`,
  "meta-data": "{}\n",
  "network-config": "",
};

describe("an ISO 9660 image", () => {
  test("has its label and its files, an empty one and one of several sectors too", () => {
    const image = isoImage("cidata", contents);
    expect(readIso(image)).toEqual({ label: "cidata", sectors: image.length / 2048, files: contents });
  });

  test("is the same for the same contents, whenever it is made", () => {
    jest.useFakeTimers({ now: 0 });
    const then = isoImage("cidata", contents);
    jest.useRealTimers();
    expect(isoImage("cidata", contents).equals(then)).toBe(true);
  });

  test("keeps any text whatever its length", () => {
    const lengths = fc.integer({ min: 0, max: 5000 });
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), lengths, lengths, (text, one, two) => {
        const files = { a: "x".repeat(one) + text, b: "y".repeat(two) };
        expect(readIso(isoImage("l", files)).files).toEqual(files);
      }),
      { numRuns: 50 },
    );
  });

  testWith("isoinfo")("is read by isoinfo", () => {
    const file = join(folder, "seed.iso");
    writeFileSync(file, isoImage("cidata", contents));
    const isoinfo = (...args: string[]) => execFileSync("isoinfo", ["-i", file, ...args], { encoding: "utf8" });
    expect(isoinfo("-d")).toMatch(/^Volume id: cidata$/m);
    expect(isoinfo("-f").trim().split("\n").sort()).toEqual(["/meta-data", "/network-config", "/user-data"]);
    expect(isoinfo("-x", "/user-data")).toBe(contents["user-data"]);
  });
});

describe("a qcow2 file", () => {
  test("is of version 2, without backing file, encryption or snapshots", () => {
    const file = qcow2(Buffer.alloc(2048));
    expect(file.readUInt32BE(4)).toBe(2);
    expect(file.subarray(8, 20).every((byte) => byte === 0)).toBe(true);
    expect(file.readUInt32BE(32)).toBe(0);
    expect(file.readUInt32BE(60)).toBe(0);
    expect(file.readBigUInt64BE(64)).toBe(0n);
  });

  test.each([0, 1, 2048, 65536, 65537, 200_000])("gives back %i bytes", (length) => {
    const content = Buffer.from(Array.from({ length }, (_, index) => (index * 31) % 251));
    const file = qcow2(content);
    expect(file.length % 65536).toBe(0);
    expect(readQcow2(file).equals(content)).toBe(true);
  });

  testWith("qemu-img")("is flawless to qemu-img, and gives back what went in", () => {
    const [packed, raw] = [join(folder, "seed.qcow2"), join(folder, "seed.raw")];
    const content = isoImage("cidata", { ...contents, "user-data": "x".repeat(150_000) });
    writeFileSync(packed, qcow2(content));
    const qemuImg = (...args: string[]) => execFileSync("qemu-img", args, { encoding: "utf8" });
    expect(JSON.parse(qemuImg("check", "--output=json", packed))).toMatchObject({ "check-errors": 0 });
    expect(JSON.parse(qemuImg("info", "--output=json", packed))).toMatchObject({
      format: "qcow2",
      "virtual-size": content.length,
    });
    qemuImg("convert", "-O", "raw", packed, raw);
    expect(readFileSync(raw).equals(content)).toBe(true);
  });
});

describe("a seed file", () => {
  const seed: Seed = {
    instance: "nat-rs1-1",
    hostname: "rs1",
    interfaces: [{ name: "eth0", mac: "52:54:00:00:00:01", address: "192.168.199.146/24" }],
    nameservers: [],
    authorizedKeys: ["ssh-ed25519 AAAA"],
    admin: "admin",
    hostKey: { privateKey: "KEY\n", publicKey: "ssh-ed25519 BBBB" },
  };
  const running = (preview: boolean) =>
    pulumi.runtime.setMocks(
      { call: () => ({}), newResource: ({ name }) => ({ id: name, state: {} }) },
      "shop",
      "test",
      preview,
    );
  beforeEach(() => running(false));

  test("is a NoCloud disk that its owner alone can read", () => {
    const file = seedFile(folder, "rs1.qcow2", seed);
    expect(file).toBe(join(folder, "rs1.qcow2"));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const { label, files } = readIso(readQcow2(readFileSync(file)));
    expect(label).toBe("cidata");
    expect(Object.keys(files).sort()).toEqual(["meta-data", "network-config", "user-data"]);
    expect(files["user-data"]).toContain('"KEY\\n"');
    removeSeedFile(folder, "rs1.qcow2");
    expect(existsSync(file)).toBe(false);
  });

  test("replaces what lies there, and does not write through a link", () => {
    const own = mkdtempSync(join(folder, "own-"));
    const foreign = join(folder, "foreign");
    writeFileSync(foreign, "foreign", { mode: 0o666 });
    symlinkSync(foreign, join(own, "rs1.qcow2"));
    const file = seedFile(own, "rs1.qcow2", seed);
    expect(readFileSync(foreign, "utf8")).toBe("foreign");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    seedFile(own, "rs1.qcow2", { ...seed, hostname: "rs2" });
    expect(readIso(readQcow2(readFileSync(file))).files["meta-data"]).toContain("rs2");
  });

  test("is not written into a file that somebody puts there in between", () => {
    const own = mkdtempSync(join(folder, "own-"));
    writeFileSync(join(own, "rs1.qcow2"), "theirs");
    const removing = jest.spyOn(fs, "rmSync").mockImplementation();
    try {
      expect(() => seedFile(own, "rs1.qcow2", seed)).toThrow(/EEXIST/);
    } finally {
      removing.mockRestore();
    }
    expect(readFileSync(join(own, "rs1.qcow2"), "utf8")).toBe("theirs");
  });

  test("has a path in a preview too, but is not written, nor removed", async () => {
    const own = mkdtempSync(join(folder, "own-"));
    await running(true);
    expect(seedFile(own, "rs1.qcow2", seed)).toBe(join(own, "rs1.qcow2"));
    expect(readdirSync(own)).toEqual([]);
    writeFileSync(join(own, "rs1.qcow2"), "being uploaded by another run");
    removeSeedFile(own, "rs1.qcow2");
    expect(readdirSync(own)).toEqual(["rs1.qcow2"]);
  });

  test("lies in /tmp where no folder is told, so that its path is the same for everybody", async () => {
    await running(true);
    expect(seedFile(undefined, "rs1.qcow2", seed)).toBe("/tmp/rs1.qcow2");
  });
});
