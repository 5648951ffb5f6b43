import { type Args, declare, elsewhere, inputsOf, keyFile, machines, secretText, withInterface } from "./declared";

describe("what makes a machine anew", () => {
  const names = async (args: Args) => {
    const registered = await declare(args);
    return ["lab-rs1-disk", "lab-rs1-seed"].map((name) => inputsOf(registered, "Volume", name).name as string);
  };
  const rs1 = (change: object) => elsewhere({ machines: { ...machines, rs1: { ...machines.rs1, ...change } } });

  const anew: [what: string, args: () => Args][] = [
    ["another generation", () => rs1({ generation: 2 })],
    ["another address", () => withInterface({ address: "192.168.199.147/24" })],
    ["another gateway", () => rs1({ gateway: "192.168.199.145" })],
    ["another user key", () => elsewhere({ userKey: { publicKey: "ssh-ed25519 BBBB" } })],
    [
      "another host key",
      () =>
        elsewhere({
          hostKeys: { ...elsewhere().hostKeys, rs1: { publicKey: "ssh-ed25519 BBBB", privateKey: secretText } },
        }),
    ],
    ["another name of the ordinary user", () => elsewhere({ admin: "vagrant" })],
  ];
  test.each(anew)("%s: disk and seed are others", async (_, args) => {
    const before = await names(elsewhere());
    const after = await names(args());
    expect(before.filter((name) => after.includes(name))).toEqual([]);
    for (const name of after) expect(name).toMatch(/^test-rs1-\d+-[0-9a-f]{8}(-seed)?\.qcow2$/);
  });

  const kept: [what: string, args: () => Args][] = [
    ["nothing", () => elsewhere()],
    ["the same generation, spelled out", () => rs1({ generation: 1 })],
    ["more memory and CPUs", () => rs1({ memory: 1024, cpus: 2 })],
    [
      "another machine",
      () => elsewhere({ machines: { ...machines, director: { ...machines.director, generation: 9 } } }),
    ],
    [
      "where the private half of its host key is kept",
      () => elsewhere({ hostKeys: { ...elsewhere().hostKeys, rs1: keyFile("rs1") } }),
    ],
  ];
  test.each(kept)("%s: it stays", async (_, args) => {
    expect(await names(args())).toEqual(await names(elsewhere()));
  });
});
