import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Seed } from "../../sdk/lab/seed";
import { removeSeedFile, seedFile } from "../../sdk/lab/seed-file";

const seed: Seed = {
  instance: "nat-rs1-1",
  hostname: "rs1",
  interfaces: [],
  nameservers: [],
  authorizedKeys: [],
  admin: "admin",
  hostKey: { privateKey: "-----BEGIN-----", publicKey: "ssh-ed25519 AAAA" },
};

let folder: string;
let ending: NodeJS.ExitListener[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lvs-seed-test-"));
  const before = process.listeners("exit");
  for (const name of ["a", "b", "c"]) seedFile(folder, name, seed);
  ending = process.listeners("exit").filter((listener) => !before.includes(listener));
});
afterEach(() => {
  for (const listener of ending) process.off("exit", listener);
  rmSync(folder, { recursive: true });
});

const end = () => {
  for (const listener of ending) listener(1);
};

test("seeds that were never uploaded go when the program ends, by one listener for all", () => {
  expect(readdirSync(folder)).toEqual(["a", "b", "c"]);
  expect(ending).toHaveLength(1);
  end();
  expect(readdirSync(folder)).toEqual([]);
});

test("what lies where an uploaded seed was is not touched any more", () => {
  removeSeedFile(folder, "b");
  expect(readdirSync(folder)).toEqual(["a", "c"]);
  writeFileSync(join(folder, "b"), "another run's");
  end();
  expect(readdirSync(folder)).toEqual(["b"]);
});

test("what is gone already is nothing to complain about", () => {
  rmSync(join(folder, "a"));
  end();
  expect(readdirSync(folder)).toEqual([]);
});
