jest.mock("../../tools/cache.js", () => ({ root: "/checkout" }), { virtual: true });

const { guestPlace, labsFolder, place, prefix } =
  jest.requireActual<typeof import("../../tools/lab/place.js", { with: { "resolution-mode": "import" }})>(
    "../../tools/lab/place",
  );
const { clientAddress, defaultGuests, mostClients, networks, sources } =
  jest.requireActual<typeof import("../../tools/lab/topology.js", { with: { "resolution-mode": "import" }})>(
    "../../tools/lab/topology",
  );

test("all paths and names of a lab follow from its stack's name alone", () => {
  const lab = place("nat");
  expect(lab).toEqual(place("nat"));
  expect(lab).toMatchObject({
    stack: "nat",
    namespace: lab.id,
    folder: "/checkout/.lab/nat",
    system: `${labsFolder}/${lab.id}`,
  });
  expect(lab.id).toMatch(/^lvs-[0-9a-f]{6}-nat$/);
  for (const own of [lab.consoles, lab.pool]) expect(own.startsWith(`${lab.system}/`)).toBe(true);
  expect(lab.libvirtUri).toBe(`qemu:///system?socket=${lab.system}/run/libvirt/libvirt-sock`);
});

test("another checkout's lab of the same stack is another one", () => {
  jest.resetModules();
  jest.doMock("../../tools/cache.js", () => ({ root: "/checkout-2" }), { virtual: true });
  const other: typeof place = jest.requireActual("../../tools/lab/place").place;
  expect(other("nat").id).not.toBe(place("nat").id);
});

test.each(["nat", "nat-2", "NAT_2", "0", "a".repeat(40)])("%j is a stack's name", (stack) => {
  expect(place(stack).id).toBe(`${prefix}${stack}`);
});

test.each(["", "-nat", "_nat", ".", "..", "../nat", "nat/rs1", "nat.2", "a b", "nät", "nat\n", "a".repeat(41)])(
  "%j is refused as a stack's name",
  (stack) => {
    expect(() => place(stack)).toThrow(/^lab: stack name "[\s\S]*": use at most 40 letters, digits, - and _$/);
  },
);

test("a guest is named with its stack", () => {
  expect(guestPlace("nat/rs1")).toEqual({ place: place("nat"), guest: "rs1" });
});

test.each(["nat", "nat/", "/rs1", "nat/rs1/", "nat/rs1/x", "", "/"])("%j names no guest", (target) => {
  expect(() => guestPlace(target)).toThrow(/write <stack>\/<vm>, for instance nat\/director$/);
});

test("a guest of a stack with a bad name is refused too", () => {
  expect(() => guestPlace("../rs1")).toThrow(/^lab: stack name "\.\."/);
});

describe("the tutorial's hosts", () => {
  const where = (stack: string) => defaultGuests(stack).map(({ name, bridge }) => `${name} ${bridge}`);

  test.each(["nat", "nat-2"])("%s: the real servers are on the host-only network", (stack) => {
    expect(where(stack)).toEqual(["director lan", "director2 lan", "rs1 hostonly", "rs2 hostonly"]);
  });

  test.each(["ecmp", "ecmp-2"])("%s: only the router is on the LAN", (stack) => {
    expect(where(stack).filter((one) => one.endsWith(" lan"))).toEqual(["router lan"]);
  });

  test.each(["dr", "tun", "native", "natural"])("%s: all are on the LAN", (stack) => {
    expect(where(stack)).toEqual(["director lan", "director2 lan", "rs1 lan", "rs2 lan", "db lan"]);
  });

  test.each(["nat", "dr", "ecmp"])(
    "%s: addresses are distinct, in their bridge's network, and no client's",
    (stack) => {
      const taken = [
        ...Object.values(networks).map(({ address }) => address.split("/")[0]),
        ...Array.from({ length: mostClients }, (_, i) => clientAddress(i + 1).split("/")[0]),
        ...sources,
        "172.17.111.111",
        ...defaultGuests(stack).map(({ address }) => address),
      ];
      expect(new Set(taken).size).toBe(taken.length);
      for (const { address, bridge } of defaultGuests(stack)) {
        const gateway = networks[bridge as keyof typeof networks].address;
        expect(address.split(".").slice(0, 3)).toEqual(gateway.split(".").slice(0, 3));
      }
    },
  );
});
