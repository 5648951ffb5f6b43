import * as pulumi from "@pulumi/pulumi";
import { declare, elsewhere, inBridges, inputsOf, kinds, machines } from "./declared";

test("in the embedded lab it is a pool, the image, and three resources a machine: no network of libvirt's", async () => {
  expect(kinds(await declare(inBridges())).sort()).toEqual([
    "libvirt:index/domain:Domain lab-director",
    "libvirt:index/domain:Domain lab-rs1",
    "libvirt:index/pool:Pool lab",
    "libvirt:index/volume:Volume lab-director-disk",
    "libvirt:index/volume:Volume lab-director-seed",
    "libvirt:index/volume:Volume lab-image",
    "libvirt:index/volume:Volume lab-rs1-disk",
    "libvirt:index/volume:Volume lab-rs1-seed",
    "lvs:index:Lab lab",
  ]);
});

test("on any other libvirt its networks are made, and a pool that exists is used", async () => {
  const registered = await declare(elsewhere());
  expect(kinds(registered)).toEqual(
    expect.arrayContaining([
      "libvirt:index/network:Network lab-lan",
      "libvirt:index/network:Network lab-hostonly",
      "lvs:index:Lab lab",
    ]),
  );
  expect(kinds(registered).filter((it) => it.includes("Pool"))).toEqual([]);
  expect(inputsOf(registered, "Network", "lab-lan")).toMatchObject({
    name: "test-lan",
    mode: "route",
    addresses: ["172.17.111.0/24"],
    autostart: true,
    dhcp: { enabled: false },
    dns: { enabled: false },
  });
  expect(inputsOf(registered, "Network", "lab-hostonly")).toMatchObject({ name: "test-hostonly", mode: "nat" });
  for (const { inputs } of registered.filter(({ type }) => type.endsWith(":Volume"))) expect(inputs.pool).toBe("fast");
});

test.each([
  ["embedded", inBridges],
  ["elsewhere", elsewhere],
])("%s: whatever libvirt knows by name begins with the stack's, and belongs to the lab", async (_, args) => {
  const made = (await declare(args())).filter(({ type }) => type.startsWith("libvirt:"));
  expect(made.length).toBeGreaterThan(6);
  for (const { inputs, parent } of made) {
    expect(inputs.name).toMatch(/^test($|-)/);
    expect(parent).toBe("lab");
  }
  const names = made.map(({ type, inputs }) => `${type} ${inputs.name}`);
  expect(new Set(names).size).toBe(names.length);
});

test("the folder for disks is a pool called like the stack, and where none is told disks lie in the default one", async () => {
  const registered = await declare(inBridges());
  expect(inputsOf(registered, "Pool")).toMatchObject({ name: "test", target: { path: "/var/lib/pulumi-lvs/pool" } });
  expect(inputsOf(registered, "Volume", "lab-rs1-disk").pool).toBe("test");
  const bare = await declare(elsewhere({ storage: undefined } as never));
  expect(inputsOf(bare, "Volume", "lab-rs1-disk").pool).toBe("default");
});

test("a disk is an overlay of the one image, as large as it unless told otherwise", async () => {
  const larger = { ...machines, rs1: { ...machines.rs1, disk: 8 } };
  const registered = await declare(elsewhere({ machines: larger }));
  expect(inputsOf(registered, "Volume", "lab-image").source).toBe("https://example.org/debian-12.qcow2");
  const director = inputsOf(registered, "Volume", "lab-director-disk");
  expect(director).toMatchObject({ baseVolumeId: "lab-image", format: "qcow2" });
  expect(director).not.toHaveProperty("size");
  expect(inputsOf(registered, "Volume", "lab-rs1-disk").size).toBe(8 * 2 ** 30);
});

test("another image is another volume, so that it can be there beside the old one", async () => {
  const name = async (source: string) =>
    inputsOf(await declare(elsewhere({ image: { source } })), "Volume", "lab-image").name;
  expect(await name("/a.qcow2")).toBe(await name("/a.qcow2"));
  expect(await name("/a.qcow2")).not.toBe(await name("/b.qcow2"));
});

test("the machine has its disk first and then its seed, and is attached to bridges or to libvirt's networks", async () => {
  const director = inputsOf(await declare(inBridges()), "Domain", "lab-director");
  expect(director.disks).toEqual([{ volumeId: "lab-director-disk" }, { volumeId: "lab-director-seed" }]);
  expect(director.networkInterfaces).toMatchObject([{ bridge: "br-lan" }, { bridge: "br-hostonly" }]);
  const other = inputsOf(await declare(elsewhere()), "Domain", "lab-director");
  expect(other.networkInterfaces).toMatchObject([{ networkId: "lab-lan" }, { networkId: "lab-hostonly" }]);
  for (const attached of other.networkInterfaces as object[]) expect(attached).not.toHaveProperty("bridge");
});

test("kernel, initrd and arguments are the domain's in the embedded lab; elsewhere the image boots itself", async () => {
  const booted = inputsOf(await declare(inBridges()), "Domain", "lab-rs1");
  expect(booted).toMatchObject({ kernel: "/cache/vmlinuz", initrd: "/cache/initrd", cmdlines: [{ quiet: "1" }] });
  const other = inputsOf(await declare(elsewhere()), "Domain", "lab-rs1");
  for (const key of ["kernel", "initrd", "cmdlines", "xml"]) expect(other).not.toHaveProperty(key);
});

test("a machine's console goes to a file of its own, if there is a folder for it", async () => {
  const { xml } = inputsOf(await declare(inBridges()), "Domain", "lab-rs1");
  expect((xml as { xslt: string }).xslt).toContain('file="/var/lib/pulumi-lvs/console/rs1.log"');
});

test("a machine has 512 MiB and one CPU, and all that its accelerator offers, unless told otherwise", async () => {
  const stronger = { ...machines, rs1: { ...machines.rs1, memory: 2048, cpus: 4 } };
  const registered = await declare(elsewhere({ machines: stronger }));
  expect(inputsOf(registered, "Domain", "lab-director")).toMatchObject({ memory: 512, vcpu: 1, type: "kvm" });
  expect(inputsOf(registered, "Domain", "lab-rs1")).toMatchObject({ memory: 2048, vcpu: 4, cpu: { mode: "maximum" } });
});

describe("emulation", () => {
  afterEach(() => pulumi.runtime.setAllConfig({}));
  const typeOf = async (emulation?: "kvm" | "qemu") =>
    inputsOf(await declare(elsewhere({ emulation } as never)), "Domain", "lab-rs1").type;

  test("is what the argument says, else the configuration, else kvm", async () => {
    expect(await typeOf()).toBe("kvm");
    pulumi.runtime.setConfig("pulumi-lvs:emulation", "qemu");
    expect(await typeOf()).toBe("qemu");
    expect(await typeOf("kvm")).toBe("kvm");
  });

  test("is refused where the configuration names another one", async () => {
    pulumi.runtime.setConfig("pulumi-lvs:emulation", "xen");
    await expect(typeOf()).rejects.toThrow(/pulumi-lvs:emulation/);
  });
});
