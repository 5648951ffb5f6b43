import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Lab } from "../../../sdk/lab";
import { register } from "../registered";
import {
  type Args,
  declare,
  elsewhere,
  inBridges,
  inputsOf,
  machines,
  secretText,
  seeds,
  withInterface,
} from "./declared";

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
