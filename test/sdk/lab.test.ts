import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { ArgumentError, Host, Sysctl } from "../../sdk/index";
import {
  type EmbeddedLab,
  embedded,
  Lab,
  type LabArgs,
  type LabInterfaceArgs,
  type LabNetworkArgs,
} from "../../sdk/lab";
import { only, type Registered, register } from "./registered";

const secretText = "-----BEGIN OPENSSH PRIVATE KEY----- of-nobody";

let folder: string;
let seeds: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lvs-lab-test-"));
  seeds = mkdtempSync(join(folder, "seeds-"));
  for (const name of ["user", "director", "rs1"]) writeFileSync(join(folder, name), `${secretText} ${name}`);
});
afterAll(() => rmSync(folder, { recursive: true }));

const keyFile = (name: string) => ({ privateKeyFile: join(folder, name), publicKey: `ssh-ed25519 AAAA${name}` });

/** What `npm run lab` writes into a stack's configuration. */
const embeddedLab = (): EmbeddedLab => ({
  domainType: "qemu",
  image: { source: "/cache/guest.qcow2", kernel: "/cache/vmlinuz", initrd: "/cache/initrd", cmdline: { quiet: "1" } },
  pool: "/var/lib/pulumi-lvs/pool",
  consoles: "/var/lib/pulumi-lvs/console",
  seeds,
  networks: {
    lan: { bridge: "br-lan", gateway: "172.17.111.1", aptSources: "deb http://172.17.111.1:8642 ./" },
    hostonly: { bridge: "br-hostonly", gateway: "192.168.199.1", aptSources: "deb http://192.168.199.1:8642 ./" },
  },
  userKey: keyFile("user"),
  hostKeys: { director: keyFile("director"), rs1: keyFile("rs1") },
});

const machines = {
  director: {
    interfaces: [
      { network: "lan", address: "172.17.111.117/24" },
      { network: "hostonly", address: "192.168.199.145/24" },
    ],
  },
  rs1: { interfaces: [{ network: "hostonly", address: "192.168.199.146/24" }] },
};

type Args = LabArgs<"director" | "rs1">;

const inBridges = (change: Partial<Args> = {}): Args => ({ ...embedded(embeddedLab()), machines, ...change });

/**
 * The arguments for any other libvirt: networks that the program makes, a pool that exists, an image with a boot
 * loader, and keys as text.
 */
const elsewhere = (change: Partial<Args> = {}): Args => ({
  networks: { lan: { range: "172.17.111.0/24", mode: "route" }, hostonly: { range: "192.168.199.0/24" } },
  image: { source: "https://example.org/debian-12.qcow2" },
  storage: { pool: "fast" },
  emulation: "kvm",
  userKey: { publicKey: "ssh-ed25519 AAAAuser" },
  hostKeys: {
    director: { publicKey: "ssh-ed25519 AAAAdirector", privateKey: pulumi.secret(secretText) },
    rs1: { publicKey: "ssh-ed25519 AAAArs1", privateKey: secretText },
  },
  seeds,
  machines,
  ...change,
});

const declare = (args: Args) => register(() => new Lab("lab", args));

/** Declares the lab with a change of the first machine's first interface. */
const withInterface = (change: Partial<LabInterfaceArgs>) =>
  elsewhere({
    machines: { ...machines, rs1: { interfaces: [{ ...machines.rs1.interfaces[0], ...change }] } } as never,
  });

/** Declares the lab with a second interface of the first machine, on the other network. */
const withSecond = (second: Partial<LabInterfaceArgs>, first: Partial<LabInterfaceArgs> = {}) =>
  elsewhere({
    machines: {
      ...machines,
      rs1: {
        interfaces: [
          { ...machines.rs1.interfaces[0], ...first },
          { network: "lan", address: "172.17.111.118/24", ...second },
        ],
      },
    } as never,
  });

const withHostonly = (hostonly: LabNetworkArgs) =>
  elsewhere({ networks: { lan: { range: "172.17.111.0/24" }, hostonly } });

const kinds = (registered: Registered[]) =>
  registered.filter(({ type }) => !type.startsWith("pulumi:")).map(({ type, name }) => `${type} ${name}`);

const inputsOf = (registered: Registered[], kind: string, name?: string) => only(registered, kind, name).inputs;

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

test.each([
  ["files", inBridges],
  ["text, secret or not", elsewhere],
])("private keys given as %s are in no input of any resource, not even as secrets", async (_, args) => {
  const registered = await declare(args());
  expect(JSON.stringify(registered)).not.toContain("PRIVATE KEY");
  for (const machine of ["director", "rs1"]) {
    const { source, name } = inputsOf(registered, "Volume", `lab-${machine}-seed`);
    expect(source).toBe(join(seeds, String(name)));
  }
});

test("a seed is there for its owner alone when it is uploaded, and gone afterwards", async () => {
  const seen = new Map<string, number>();
  const observing = {
    get Volume() {
      for (const file of readdirSync(seeds)) seen.set(file, statSync(join(seeds, file)).mode & 0o777);
      return {};
    },
  };
  const registered = await register(() => new Lab("lab", elsewhere()), observing);
  const names = ["director", "rs1"].map((machine) => inputsOf(registered, "Volume", `lab-${machine}-seed`).name);
  expect([...seen.keys()].sort()).toEqual(names);
  expect([...seen.values()]).toEqual([0o600, 0o600]);
  expect(readdirSync(seeds)).toEqual([]);
});

describe("a seed", () => {
  /** What was uploaded for each machine. The disk holds the files as they are, uncompressed. */
  async function uploaded(args: Args): Promise<Record<string, { user: Record<string, never>; network: object }>> {
    const texts = new Map<string, string>();
    const reading = {
      get Volume() {
        for (const file of readdirSync(seeds)) texts.set(file, readFileSync(join(seeds, file), "utf8"));
        return {};
      },
    };
    await register(() => new Lab("lab", args), reading);
    return Object.fromEntries(
      [...texts].map(([file, text]) => [
        file.split("-")[1] ?? "",
        {
          user: JSON.parse(/#cloud-config\n(\{.*\})\n/.exec(text)?.[1] ?? ""),
          network: JSON.parse(/(\{"version":2.*\})\n/.exec(text)?.[1] ?? "").ethernets,
        },
      ]),
    );
  }

  test("in the embedded lab leads out by the first interface's bridge alone, to the packages there", async () => {
    const { director, rs1 } = await uploaded(inBridges());
    expect(director?.network).toMatchObject({
      eth0: { addresses: ["172.17.111.117/24"], routes: [{ via: "172.17.111.1" }] },
      eth1: { addresses: ["192.168.199.145/24"] },
    });
    expect(director?.network).not.toHaveProperty("eth1.routes");
    expect(rs1?.network).toMatchObject({ eth0: { routes: [{ via: "192.168.199.1" }] } });
    expect(rs1?.user.apt).toEqual({ sources_list: "deb http://192.168.199.1:8642 ./\n" });
  });

  test("finds an interface by the MAC that libvirt gives it", async () => {
    const { rs1 } = await uploaded(withInterface({ mac: "52:54:00:12:34:56" }));
    expect(rs1?.network).toMatchObject({ eth0: { match: { macaddress: "52:54:00:12:34:56" } } });
  });

  test("on a network of libvirt's leads to its first address, where libvirt sits, unless told otherwise", async () => {
    expect((await uploaded(elsewhere())).rs1?.network).toMatchObject({ eth0: { routes: [{ via: "192.168.199.1" }] } });
    const networks = {
      lan: { range: "172.17.111.0/24" },
      hostonly: { range: "192.168.199.0/24", gateway: "192.168.199.9" },
    };
    const chosen = await uploaded(elsewhere({ networks }));
    expect(chosen.rs1?.network).toMatchObject({ eth0: { routes: [{ via: "192.168.199.9" }] } });
    const own = { ...machines, rs1: { ...machines.rs1, gateway: "192.168.199.145" } };
    expect((await uploaded(elsewhere({ networks, machines: own }))).rs1?.network).toMatchObject({
      eth0: { routes: [{ via: "192.168.199.145" }] },
    });
  });

  test.each(["192.168.199.0/24", "192.168.199.9/24", "192.168.199.255/24"])(
    "leads to the first address of %s, wherever in the range it is told",
    async (range) => {
      const networks = { lan: { range: "172.17.111.0/24" }, hostonly: { range } };
      const { rs1 } = await uploaded(elsewhere({ networks }));
      expect(rs1?.network).toMatchObject({ eth0: { routes: [{ via: "192.168.199.1" }] } });
    },
  );

  test("leads nowhere on a bridge without gateway, and keeps the image's package sources", async () => {
    const networks = { lan: { bridge: "br0" }, hostonly: { bridge: "br1", nameservers: ["9.9.9.9"] } };
    const { rs1 } = await uploaded(elsewhere({ networks }));
    expect(rs1?.network).not.toHaveProperty("eth0.routes");
    expect(rs1?.network).toMatchObject({ eth0: { nameservers: { addresses: ["9.9.9.9"] } } });
    expect(rs1?.user).not.toHaveProperty("apt");
  });

  test("carries its own machine's host key, from file or text, and the ordinary user's name", async () => {
    const fromFile = await uploaded(inBridges({ admin: "vagrant" }));
    expect(fromFile.rs1?.user).toMatchObject({
      hostname: "rs1",
      ssh_keys: { ed25519_private: `${secretText} rs1`, ed25519_public: "ssh-ed25519 AAAArs1" },
      users: [{ name: "root" }, { name: "vagrant" }],
    });
    const { director } = await uploaded(elsewhere());
    expect(director?.user).toMatchObject({ ssh_keys: { ed25519_private: secretText }, users: [{}, { name: "admin" }] });
  });
});

test("a machine is what Host takes, and what is on it goes with it", async () => {
  const registered = await register(() => {
    const lab = new Lab("lab", inBridges());
    new Sysctl("forwarding", {
      host: new Host("director", lab.machines.director.host),
      key: "net.ipv4.ip_forward",
      value: 1,
    });
  });
  const forwarding = only(registered, "Sysctl");
  expect(forwarding.inputs.host).toEqual({
    name: "director",
    address: "172.17.111.117",
    port: 22,
    user: "root",
    privateKeyFile: join(folder, "user"),
    hostKey: "ssh-ed25519 AAAAdirector",
    ready: 300,
  });
  expect(forwarding).toMatchObject({ deletedWith: "lab-director", replaceWith: ["lab-director"] });
  expect(forwarding.dependsOn).toContain("lab-director");
});

test("its parts are exposed; emulated machines get more time; without a key file the agent is asked", async () => {
  await register(() => {
    const lab = new Lab("lab", elsewhere());
    const { director, rs1 } = lab.machines;
    expect(Object.keys(lab.networks)).toEqual(["lan", "hostonly"]);
    expect(lab.pool).toBeUndefined();
    expect(rs1.host).toEqual({
      address: "192.168.199.146",
      port: 22,
      user: "root",
      hostKey: "ssh-ed25519 AAAArs1",
      ready: 60,
      vm: rs1.domain,
    });
    expect(director.interfaces).toMatchObject([
      { name: "eth0", network: "lan", address: "172.17.111.117" },
      { name: "eth1", network: "hostonly", address: "192.168.199.145" },
    ]);
    expect(new Lab("other", inBridges()).pool).toBeDefined();
  });
});

test("where the machine is managed can be read from its description, for ssh_config", async () => {
  const { description } = inputsOf(await declare(elsewhere()), "Domain", "lab-director");
  expect(/\baddress=(\S+)/.exec(String(description))?.[1]).toBe("172.17.111.117");
});

const refused: [property: string, reason: RegExp, args: () => Args][] = [
  [
    "machines.rs1.interfaces[0].network",
    /"dmz" is not among networks: lan, hostonly/,
    () => withInterface({ network: "dmz" }),
  ],
  ...["192.168.199.146", "192.168.199.146/33", "192.168.199/24", "rs1/24", ""].map(
    (address): [string, RegExp, () => Args] => [
      "machines.rs1.interfaces[0].address",
      /is no address with a prefix; write for instance/,
      () => withInterface({ address }),
    ],
  ),
  ["machines.rs1.interfaces", /empty/, () => elsewhere({ machines: { ...machines, rs1: { interfaces: [] } } })],
  [
    "hostKeys.rs1",
    /missing: every machine needs a host key/,
    () => elsewhere({ hostKeys: { director: keyFile("director") } }),
  ],
  [
    "hostKeys.rs1",
    /give privateKeyFile or privateKey/,
    () => elsewhere({ hostKeys: { director: keyFile("director"), rs1: { publicKey: "ssh-ed25519 AAAA" } } }),
  ],
  [
    "machines.rs1.interfaces[0].network",
    /"constructor" is not among networks/,
    () => withInterface({ network: "constructor" }),
  ],
  ["machines.rs1.interfaces[0].address", /is IPv6/, () => withInterface({ address: "2001:db8::1/64" })],
  ...["192.168.199.0", "192.168.199.0/33", "192.168.199/24", "hostonly", "", "2001:db8::/64"].map(
    (range): [string, RegExp, () => Args] => [
      "networks.hostonly.range",
      /is no IPv4 range with a prefix; write for instance/,
      () => withHostonly({ range }),
    ],
  ),
  ["networks.hostonly.range", /no room/, () => withHostonly({ range: "192.168.199.146/31" })],
  ...["192.168.199", "192.168.199.1/24", "", "2001:db8::1"].flatMap((gateway): [string, RegExp, () => Args][] => [
    ["networks.hostonly.gateway", /is no IPv4 address/, () => withHostonly({ bridge: "br1", gateway })],
    [
      "machines.rs1.gateway",
      /is no IPv4 address/,
      () => elsewhere({ machines: { ...machines, rs1: { ...machines.rs1, gateway } } }),
    ],
  ]),
  ...["52:54:00:12:34", "52-54-00-12-34-56", "525400123456", "53:54:00:12:34:56", ""].map(
    (mac): [string, RegExp, () => Args] => [
      "machines.rs1.interfaces[0].mac",
      /is no MAC address of one interface/,
      () => withInterface({ mac }),
    ],
  ),
  [
    "machines.rs1.interfaces[1].name",
    /"eth0" is that of machines\.rs1\.interfaces\[0\] already/,
    () => withSecond({ name: "eth0" }),
  ],
  [
    "machines.rs1.interfaces[1].mac",
    /"52:54:00:ab:cd:ef" is that of machines\.rs1\.interfaces\[0\] already/,
    () => withSecond({ mac: "52:54:00:AB:CD:EF" }, { mac: "52:54:00:ab:cd:ef" }),
  ],
  [
    "machines.rs1.interfaces[1].address",
    /"192\.168\.199\.146" is that of machines\.rs1\.interfaces\[0\] already/,
    () => withSecond({ address: "192.168.199.146/16" }),
  ],
  [
    "machines.rs1.interfaces[0].address",
    /"192\.168\.199\.145" is that of machines\.director\.interfaces\[1\] already/,
    () => withInterface({ address: "192.168.199.145/24" }),
  ],
  ...["rs_1", "-rs1", "rs1-", "rs.1", "", "a".repeat(43)].map((name): [string, RegExp, () => Args] => [
    `machines.${name}`,
    /becomes a hostname/,
    () => elsewhere({ machines: { [name]: machines.rs1 }, hostKeys: { [name]: keyFile("rs1") } } as never),
  ]),
];
test.each(refused)("%s is refused: %s", async (property, reason, args) => {
  const registered = await register(() => {
    try {
      new Lab("lab", args());
    } catch (error) {
      expect(error).toBeInstanceOf(ArgumentError);
      expect(error).toMatchObject({ declared: 'Lab "lab"', problems: [{ property }] });
      expect((error as Error).message).toMatch(reason);
      return;
    }
    throw new Error("it was accepted");
  });
  expect(kinds(registered)).toEqual([]);
});

test("separate networks may repeat one another's addresses and MACs", async () => {
  const same = { address: "172.17.111.117/24", mac: "52:54:00:ab:cd:ef" };
  const director = { interfaces: [{ network: "lan", ...same }] };
  const rs1 = { interfaces: [{ network: "hostonly", ...same }] };
  expect(kinds(await declare(elsewhere({ machines: { director, rs1 } })))).toContain("lvs:index:Lab lab");
});

test("all that is wrong is told at once", () => {
  const wrong = () => new Lab("lab", { ...withInterface({ network: "dmz", address: "rs1" }), hostKeys: {} });
  expect(wrong).toThrow(/hostKeys\.director: .*\n.*hostKeys\.rs1: .*\n.*\.network: .*\n.*\.address: /);
});
