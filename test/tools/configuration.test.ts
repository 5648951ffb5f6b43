import { isIPv4 } from "node:net";

const mockKeys = { privateKeyFile: "/keys/id", publicKey: "ssh-ed25519 AAAA" };
jest.mock("../../tools/lab/keys.js", () => ({ ensureHostKey: () => mockKeys, ensureUserKey: () => mockKeys }), {
  virtual: true,
});
jest.mock("../../tools/lab/topology.js", () => jest.requireActual("../../tools/lab/topology"), { virtual: true });

type Module = typeof import("../../tools/lab/configuration.js", { with: { "resolution-mode": "import" }});
type EmbeddedLab = import("../../sdk/lab/embedded-lab").EmbeddedLab;

const { embeddedLab }: Module = jest.requireActual("../../tools/lab/configuration");

test("the program's configuration has the lab's networks and files, and the addresses to send from", async () => {
  const [place, image] = [
    { pool: "/pool", folder: "/lab", consoles: "/console" },
    { disk: "/d", kernel: "/k" },
  ];
  const guests = [{ name: "director", address: "172.17.111.117", bridge: "lan" }];
  // The type is the one that the SDK documents.
  const embedded: EmbeddedLab = structuredClone(
    await embeddedLab(place as never, guests, image as never, "qemu"),
  ) as never;
  expect(embedded.sources).toHaveLength(4);
  for (const source of embedded.sources ?? [])
    expect([isIPv4(source), source.startsWith("172.17.111.")]).toEqual([true, true]);
  expect(embedded.networks.lan).toMatchObject({ bridge: "lan", gateway: "172.17.111.1" });
  expect(embedded.hostKeys).toEqual({ director: mockKeys });
});
