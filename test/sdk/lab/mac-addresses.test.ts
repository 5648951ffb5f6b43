import type { Registered } from "../registered";
import { declare, elsewhere, inBridges, machines, withInterface } from "./declared";

describe("MAC addresses", () => {
  const macs = (registered: Registered[]) =>
    registered
      .filter(({ type }) => type.endsWith(":Domain"))
      .flatMap(({ inputs }) => (inputs.networkInterfaces as { mac: string }[]).map(({ mac }) => mac));

  test("are the same every time, in either lab, and no two alike", async () => {
    const first = macs(await declare(inBridges()));
    expect(macs(await declare(elsewhere()))).toEqual(first);
    expect(first).toHaveLength(3);
    expect(new Set(first).size).toBe(3);
  });

  test("are given to libvirt in capitals, in the range of qemu", async () => {
    for (const mac of macs(await declare(inBridges()))) expect(mac).toMatch(/^52:54:00(:[0-9A-F]{2}){3}$/);
  });

  test("differ where a machine has several interfaces on one network, and the first one's stays", async () => {
    const before = macs(await declare(elsewhere()));
    const second = { network: "hostonly", address: "192.168.199.147/24" };
    const rs1 = { interfaces: [...machines.rs1.interfaces, second] };
    const after = macs(await declare(elsewhere({ machines: { ...machines, rs1 } })));
    expect(after).toEqual(expect.arrayContaining(before));
    expect(new Set(after).size).toBe(4);
  });

  test("can be told", async () => {
    expect(macs(await declare(withInterface({ mac: "52:54:00:ab:cd:ef" })))).toContain("52:54:00:AB:CD:EF");
  });
});
