jest.mock("../../tools/lab/libvirtd.js", () => ({}), { virtual: true });

const { domainStates, withRealAddresses } =
  jest.requireActual<typeof import("../../tools/lab/guests.js", { with: { "resolution-mode": "import" }})>(
    "../../tools/lab/guests",
  );

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

type Place = import("../../tools/lab/place.js", { with: { "resolution-mode": "import" }}).Place;

test("virsh's list is read with states of one word and of two", () => {
  const printed = " 1    nat-director   running\n 12   nat-rs1        in shutdown\n -    nat-rs2        shut off\n";
  expect(domainStates(printed)).toEqual([
    { domain: "nat-director", state: "running" },
    { domain: "nat-rs1", state: "in shutdown" },
    { domain: "nat-rs2", state: "shut off" },
  ]);
  expect(domainStates("")).toEqual([]);
});

test("a guest has the address that its domain tells; without a domain, the planned address", async () => {
  const system = mkdtempSync(join(tmpdir(), "lvs-guests-test-"));
  try {
    mkdirSync(join(system, "etc", "qemu"), { recursive: true });
    const domain = "<domain><name>nat-rs1</name><description>address=10.0.0.9</description></domain>";
    writeFileSync(join(system, "etc", "qemu", "nat-rs1.xml"), domain);
    const guests = ["rs1", "rs2"].map((name, i) => ({ name, address: `10.0.0.${i + 1}`, bridge: "lan" }));
    const real = await withRealAddresses({ stack: "nat", system } as Place, guests);
    expect(real.map(({ address }) => address)).toEqual(["10.0.0.9", "10.0.0.2"]);
  } finally {
    rmSync(system, { recursive: true });
  }
});
