import { parse } from "yaml";
import { macAddress, metaData, networkConfig, type Seed, userData } from "../../sdk/lab/seed";

const seed: Seed = {
  instance: "nat-director-1",
  hostname: "director",
  interfaces: [
    { name: "eth0", mac: "52:54:00:00:00:01", address: "172.17.111.117/24", gateway: "172.17.111.1" },
    { name: "eth1", mac: "52:54:00:00:00:02", address: "192.168.199.145/24" },
  ],
  nameservers: [],
  authorizedKeys: ['ssh-ed25519 AAAAuser it\'s "me": # yes'],
  admin: "admin",
  hostKey: { privateKey: "-----BEGIN-----\nline: two\n-----END-----\n", publicKey: "ssh-ed25519 AAAAhost" },
};

/** The first boot of the embedded image reads the seed with jq, as JSON. */
const json = (text: string) => JSON.parse(text);

test("user data begins as cloud-init wants it, and is JSON below that", () => {
  const text = userData(seed);
  expect(text.startsWith("#cloud-config\n{")).toBe(true);
  expect(json(text.replace("#cloud-config\n", ""))).toEqual(parse(text));
});

test("root and the ordinary user accept the key; only the latter needs sudo, and it asks for no password", () => {
  const { users, disable_root, ssh_pwauth } = parse(userData({ ...seed, admin: "vagrant" }));
  expect(users).toMatchObject([
    { name: "root", ssh_authorized_keys: seed.authorizedKeys },
    { name: "vagrant", ssh_authorized_keys: seed.authorizedKeys, sudo: "ALL=(ALL) NOPASSWD:ALL" },
  ]);
  expect({ disable_root, ssh_pwauth }).toEqual({ disable_root: false, ssh_pwauth: false });
});

test("the host key arrives with all its lines, and no other is made beside it", () => {
  expect(parse(userData(seed))).toMatchObject({
    ssh_keys: { ed25519_private: seed.hostKey.privateKey, ed25519_public: seed.hostKey.publicKey },
    ssh_deletekeys: true,
    ssh_genkeytypes: [],
  });
});

test("package sources stand in a line of their own, and the image's stay where none are given", () => {
  expect(parse(userData({ ...seed, aptSources: "deb http://a ./" })).apt).toEqual({
    sources_list: "deb http://a ./\n",
  });
  expect(parse(userData(seed))).not.toHaveProperty("apt");
});

test("meta data says which machine, and which instance of it", () => {
  expect(parse(metaData(seed))).toEqual({ "instance-id": "nat-director-1", "local-hostname": "director" });
  expect(json(metaData(seed))).toEqual(parse(metaData(seed)));
});

test("interfaces are found by MAC and named in order; one alone leads out", () => {
  expect(parse(networkConfig(seed))).toEqual({
    version: 2,
    ethernets: {
      eth0: {
        match: { macaddress: "52:54:00:00:00:01" },
        "set-name": "eth0",
        addresses: ["172.17.111.117/24"],
        routes: [{ to: "0.0.0.0/0", via: "172.17.111.1" }],
      },
      eth1: { match: { macaddress: "52:54:00:00:00:02" }, "set-name": "eth1", addresses: ["192.168.199.145/24"] },
    },
  });
  expect(json(networkConfig(seed))).toEqual(parse(networkConfig(seed)));
});

test("a MAC that YAML would read as a number in base 60 stays text", () => {
  const [first] = seed.interfaces;
  const text = networkConfig({ ...seed, interfaces: first ? [{ ...first, mac: "52:54:00:10:20:30" }] : [] });
  expect(parse(text, { version: "1.1" }).ethernets.eth0.match.macaddress).toBe("52:54:00:10:20:30");
});

test("name servers are told where there are some", () => {
  const { ethernets } = parse(networkConfig({ ...seed, nameservers: ["9.9.9.9", "1.1.1.1"] }));
  expect(ethernets.eth0.nameservers).toEqual({ addresses: ["9.9.9.9", "1.1.1.1"] });
});

test("a MAC is in qemu's range, the same every time, and another for another stack, machine, network or a further interface on it", () => {
  const macs = [
    macAddress("nat", "rs1", "lan"),
    macAddress("nat", "rs1", "hostonly"),
    macAddress("nat", "rs2", "lan"),
    macAddress("nat-2", "rs1", "lan"),
    macAddress("nat", "2-rs1", "lan"),
    macAddress("nat", "rs1", "lan", 1),
    macAddress("nat", "rs1", "lan", 2),
  ];
  for (const mac of macs) expect(mac).toMatch(/^52:54:00(:[0-9a-f]{2}){3}$/);
  expect(new Set(macs).size).toBe(macs.length);
  // Another address would replace the machines of existing stacks.
  expect(macs[0]).toBe("52:54:00:1c:f8:3c");
});
