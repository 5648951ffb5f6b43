type Module = typeof import("../../tools/lab/domain-type.js", { with: { "resolution-mode": "import" }});
type Image = Parameters<Module["domainType"]>[0];

const mockExeca = jest.fn();
const mockExists = jest.fn();
jest.mock("../../tools/node_modules/execa/index.js", () => ({ execa: mockExeca }));
jest.mock("node:fs", () => ({ ...jest.requireActual("node:fs"), existsSync: mockExists }));

const { domainType } = jest.requireActual<Module>("../../tools/lab/domain-type");

const image = { kernel: "/cache/vmlinuz", initrd: "/cache/initrd" } as Image;
const before = process.env.PULUMI_LVS_EMULATION;

beforeEach(() => {
  delete process.env.PULUMI_LVS_EMULATION;
  jest.resetAllMocks();
  mockExists.mockReturnValue(true);
});
afterAll(() => {
  if (before === undefined) delete process.env.PULUMI_LVS_EMULATION;
  else process.env.PULUMI_LVS_EMULATION = before;
});

/** Sets two exit statuses: whether qemu's user may write /dev/kvm, and whether a guest powered itself off. */
const exits = (...codes: (number | undefined)[]) => {
  for (const exitCode of codes) mockExeca.mockResolvedValueOnce({ exitCode });
};

test.each(["kvm", "qemu"])("PULUMI_LVS_EMULATION=%s decides without asking", async (type) => {
  process.env.PULUMI_LVS_EMULATION = type;
  expect(await domainType(image)).toBe(type);
  expect(mockExeca).not.toHaveBeenCalled();
});

test("another word in PULUMI_LVS_EMULATION is refused", async () => {
  process.env.PULUMI_LVS_EMULATION = "xen";
  await expect(domainType(image)).rejects.toThrow('lab: PULUMI_LVS_EMULATION is "xen"; it must be kvm or qemu');
});

test("KVM is chosen where a guest ran on it to its end, as qemu's own user", async () => {
  exits(0, 0);
  expect(await domainType(image)).toBe("kvm");
  const [program, args] = mockExeca.mock.calls[1] ?? [];
  expect(program).toBe("runuser");
  expect(args.join(" ")).toMatch(/^-u libvirt-qemu -- qemu-system-x86_64 -accel kvm .*-kernel \/cache\/vmlinuz/);
});

test("without /dev/kvm nothing is tried", async () => {
  mockExists.mockReturnValue(false);
  expect(await domainType(image)).toBe("qemu");
  expect(mockExeca).not.toHaveBeenCalled();
});

test("where qemu's user may not write /dev/kvm no guest is started", async () => {
  exits(1);
  expect(await domainType(image)).toBe("qemu");
  expect(mockExeca).toHaveBeenCalledTimes(1);
});

test.each([
  ["fails", 1],
  ["hangs until it is ended", undefined],
])("where the guest %s, guests are emulated", async (_, exitCode) => {
  exits(0, exitCode);
  expect(await domainType(image)).toBe("qemu");
});
