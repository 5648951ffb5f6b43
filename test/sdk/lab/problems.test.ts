import { ArgumentError } from "../../../sdk/index";
import { Lab, type LabInterfaceArgs, type LabNetworkArgs } from "../../../sdk/lab";
import { register } from "../registered";
import { type Args, declare, elsewhere, keyFile, kinds, machines, withInterface } from "./declared";

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
