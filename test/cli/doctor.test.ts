import { Command } from "commander";
import { doctor } from "../../cli/commands/doctor";

jest.mock("../../cli/stack", () => ({ stackState: async () => ({ resources: [] }) }));
const found = jest.fn();
jest.mock("pulumi-lvs-provider/operations", () => ({ checkup: () => found() }));

// What the command prints of hosts, and how it ends.

const well = {
  ...{
    host: "director",
    address: "192.0.2.2",
    system: "Debian GNU/Linux 12",
    kernel: "6.1.0-30-amd64",
    ipvsadm: "1.31",
  },
  ...{ firewall: ["nftables"], mtu: { eth0: 1500, eth1: 1500, eth2: 9000 }, clock: -3, advice: [] as string[] },
};
const ill = {
  ...well,
  host: "rs1",
  ipvsadm: undefined,
  clock: 40,
  advice: ["its clock is 40 s ahead of this machine's"],
};
const gone = { host: "rs2", address: "192.0.2.4", error: "host rs2 (192.0.2.4:22): not reachable", advice: [] };

async function run(hosts: object[], ...words: string[]) {
  found.mockResolvedValue(hosts);
  let text = "";
  const write = jest.spyOn(process.stdout, "write").mockImplementation((part) => {
    text += part;
    return true;
  });
  const program = new Command().option("--json");
  doctor(program);
  try {
    await program.parseAsync(["doctor", ...words], { from: "user" });
    return { text, exit: process.exitCode };
  } finally {
    write.mockRestore();
    process.exitCode = 0;
  }
}

test("all is well: exit status 0", async () => {
  expect(await run([well])).toEqual({
    exit: 0,
    text: "director (192.0.2.2): Debian GNU/Linux 12, kernel 6.1.0-30-amd64, ipvsadm 1.31, firewall nftables, MTU 1500 (eth0, eth1) 9000 (eth2), clock -3 s\n",
  });
});

test.each([
  ["something that is known to fail", ill, /^rs1 .*, clock \+40 s\n {2}its clock is 40 s ahead of this machine's\n$/m],
  ["a host that is not reached, whose error names it", gone, /^host rs2 \(192\.0\.2\.4:22\): not reachable\n/m],
])("%s: exit status 3", async (_, one, says) => {
  const { text, exit } = await run([well, one]);
  expect(exit).toBe(3);
  expect(text).toMatch(says);
});

test("what a host says of itself says nothing to a terminal, and a clock that is not known is not shown", async () => {
  const odd = { ...well, system: "Linux\u001b[2J\r\u202e3", clock: undefined, advice: ["it\u0007 rings"] };
  expect((await run([odd])).text).toBe(
    "director (192.0.2.2): Linux\uFFFD[2J\uFFFD\uFFFD3, kernel 6.1.0-30-amd64, ipvsadm 1.31, firewall nftables, MTU 1500 (eth0, eth1) 9000 (eth2)\n  it\uFFFD rings\n",
  );
});

test("the same as JSON, and as guides have it", async () => {
  const { text, exit } = await run([well, gone], "--json");
  expect(exit).toBe(3);
  expect(JSON.parse(text)).toEqual({ hosts: [well, gone] });
});
