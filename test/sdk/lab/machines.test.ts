import { join } from "node:path";
import { Host, Sysctl } from "../../../sdk/index";
import { Lab } from "../../../sdk/lab";
import { runProgram } from "../../guide";
import { only, register } from "../registered";
import { declare, elsewhere, folder, inBridges, inputsOf } from "./declared";

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

test("machines on two libvirt hosts, as the guide about two directors makes them", async () => {
  const { machinesOn } = runProgram("docs/ha.md", "qemu+ssh") as {
    machinesOn(host: string, args: ReturnType<typeof elsewhere>): unknown;
  };
  const registered = await register(() => {
    for (const host of ["one.example.org", "two.example.org"]) machinesOn(host, elsewhere());
  });
  const providers = registered.filter(({ type }) => type === "pulumi:providers:libvirt");
  expect(providers.map(({ inputs }) => inputs.uri)).toEqual([
    "qemu+ssh://root@one.example.org/system",
    "qemu+ssh://root@two.example.org/system",
  ]);
  for (const name of ["one.example.org", "two.example.org"])
    expect(registered.filter(({ parent, type }) => parent === name && /:Domain$/.test(type))).toHaveLength(2);
});
