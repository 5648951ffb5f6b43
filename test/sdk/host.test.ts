import * as pulumi from "@pulumi/pulumi";
import { ArgumentError, Host, type HostArgs, Sysctl } from "../../sdk/index";
import { only, register, secret } from "./registered";

class Machine extends pulumi.CustomResource {
  constructor(name: string) {
    super("test:index:Machine", name, {});
  }
}

const forwarding = { key: "net.ipv4.ip_forward", value: 1 };

test("keys, passphrases and passwords are secrets, of the jump host too; everything else stays readable", async () => {
  const jump = new Host("gate", { privateKey: "GATE KEY", user: "jumper" });
  const args: HostArgs = {
    address: "192.0.2.1",
    privateKey: "KEY",
    passphrase: "PASS",
    sudo: { password: "ROOT" },
    jump,
  };
  const it = only(await register(() => new Sysctl("it", { host: new Host("rs1", args), ...forwarding })), "Sysctl");
  expect(it.inputs.host).toEqual({
    name: "rs1",
    address: "192.0.2.1",
    privateKey: secret("KEY"),
    passphrase: secret("PASS"),
    sudo: { password: secret("ROOT") },
    jump: { name: "gate", user: "jumper", privateKey: secret("GATE KEY") },
  });
});

test("all other arguments reach the provider as they are", async () => {
  const args: HostArgs = {
    address: pulumi.output("192.0.2.1"),
    port: 2222,
    user: "admin",
    hostKey: ["ssh-ed25519 AAAA"],
    knownHosts: "known_hosts",
    hostKeyChecking: "on",
    privateKeyFile: "id_ed25519",
    agent: "off",
    sudo: true,
    ready: 300,
    onUnreachable: "forget",
    machine: "0123456789abcdef0123456789abcdef",
    supersedes: ["shop/former"],
  };
  const it = only(await register(() => new Sysctl("it", { host: new Host("rs1", args), ...forwarding })), "Sysctl");
  expect(it.inputs.host).toEqual({ ...args, name: "rs1", address: "192.0.2.1" });
});

test("what is on a virtual machine goes with it and is made anew with it, and waits for the jump host's machine", async () => {
  const registered = await register(() => {
    const jump = new Host("gate", { vm: new Machine("gate-vm") });
    const host = new Host("rs1", { vm: new Machine("rs1-vm"), jump });
    new Sysctl("it", { host, ...forwarding }, { dependsOn: new Machine("other") });
  });
  const it = only(registered, "Sysctl");
  expect(it.dependsOn.sort()).toEqual(["gate-vm", "other", "rs1-vm"]);
  expect(it).toMatchObject({ deletedWith: "rs1-vm", replaceWith: ["rs1-vm"] });
  expect(it.inputs.host).toEqual({ name: "rs1", jump: { name: "gate" } });
});

test.each(["-rs1", "a b", "a/b"])("a host cannot be called %j", (name) => {
  expect(() => new Host(name)).toThrow(/^Host ".*": name: a host's name begins with/);
});

describe("command", () => {
  const hostKey = "ssh-ed25519 AAAA";

  test("is a remote.Command over the host's connection with the host key pinned", async () => {
    const registered = await register(() => {
      const vm = new Machine("rs1-vm");
      const host = new Host("rs1", {
        address: "192.0.2.1",
        user: "admin",
        privateKey: "KEY",
        passphrase: "P",
        hostKey,
        vm,
      });
      host.command("uptime", { create: "uptime" });
    });
    const it = only(registered, "Command");
    expect(it.type).toBe("command:remote:Command");
    expect(it.deletedWith).toBe("rs1-vm");
    expect(JSON.stringify(it.inputs.create)).toContain("uptime");
    expect(it.inputs.connection).toMatchObject(
      secret({ host: "192.0.2.1", port: 22, user: "admin", privateKey: "KEY", privateKeyPassword: "P", hostKey }),
    );
  });

  test("goes through the jump host, and pins the key that will be asked for", async () => {
    const registered = await register(() => {
      const jump = new Host("gate", { agent: "/run/agent", hostKey: [hostKey, "ecdsa-sha2-nistp256 BBBB"] });
      new Host("rs1", { agent: "/run/agent", hostKey, jump }).command("uptime", { create: "uptime" });
    });
    expect(JSON.stringify(only(registered, "Command").inputs.connection)).toMatch(
      /"proxy":\{.*"agentSocketPath":"\/run\/agent".*"hostKey":"ecdsa-sha2-nistp256 BBBB"/,
    );
  });

  const refused: [what: string, args: HostArgs, message: RegExp][] = [
    ["an unknown host key", { privateKey: "KEY" }, /Host "rs1": hostKey: command\(…\) needs it/],
    ["a key file", { hostKey, privateKeyFile: "id" }, /Host "rs1": privateKeyFile: .*reads no files/],
    ["no key at all", { hostKey, agent: "off" }, /Host "rs1": privateKey: /],
    ["a jump host with an unknown key", { hostKey, jump: new Host("gate") }, /Host "gate": hostKey: /],
    [
      "two jump hosts",
      { hostKey, jump: new Host("gate", { hostKey, jump: new Host("outer") }) },
      /Host "gate": jump: .*one jump host/,
    ],
  ];
  test.each(refused)("refuses %s", (_, args, message) => {
    const declare = () => new Host("rs1", args).command("it", { create: "true" });
    expect(declare).toThrow(ArgumentError);
    expect(declare).toThrow(message);
  });
});
