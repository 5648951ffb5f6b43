import { Command } from "commander";
import { bringBack, drain } from "../../cli/commands/drain";

// What the commands ask of which director. What a director does then is shown by the tests of its operations.

const mockState = {
  resources: [
    ...["director1", "director2", "director3"].map((name, at) => ({
      ...{ kind: "VirtualService", name, id: name, parents: [], state: {} },
      inputs: { host: { name, address: `10.0.0.${at + 2}` }, address: `10.0.1.${at + 2}` },
    })),
    {
      ...{ kind: "Sysctl", name: "arp", id: "arp", parents: [], state: {} },
      inputs: { host: { name: "rs1", address: "10.0.0.11" } },
    },
    ...["both1", "both2"].map((name, at) => ({
      ...{ kind: "BgpAnnouncement", name, id: name, parents: [], state: {} },
      inputs: { host: { name, address: `10.0.0.${at + 5}` }, name: "shop", configuration: {} },
    })),
    {
      ...{ kind: "Failover", name: "vip", id: "vip", parents: [], state: {} },
      inputs: {
        ...{ instance: "vip", addresses: ["10.0.0.9"] },
        directors: ["both1", "both2"].map((name, at) => ({ name, address: `10.0.0.${at + 5}` })),
      },
    },
  ],
};
const mockTables: Record<string, string[]> = {
  director1: ["10.0.0.11", "10.0.0.12"],
  director2: ["10.0.0.11"],
  director3: ["10.0.0.12", "10.0.0.99", "fd00::b"],
};
const mockAsked: string[] = [];
const mockVips: string[] = [];
const mockDown: string[] = [];

jest.mock("../../cli/stack", () => ({ stackState: async () => mockState }));
jest.mock("pulumi-lvs-provider/operations", () => {
  const moved =
    (what: string) =>
    async (
      balancers: { director: { name: string }; vips: string[] }[],
      address: string,
      note?: object,
      how?: object,
    ) => {
      const all = balancers.map(({ director, vips }) => ({ name: director.name, vips }));
      const names = all.map(({ name }) => name);
      mockVips.push(...all.flatMap(({ vips }) => vips));
      const words = JSON.stringify({ ...note, by: undefined, since: undefined, ...how });
      mockAsked.push(`${names.join(" ")} ${what} ${address} ${words}`);
      const moved = names.filter((name) => !mockDown.includes(name));
      const missed = names.filter((name) => mockDown.includes(name));
      return {
        moves: moved.map((director) => ({
          director,
          services: ["-t VIP:80"],
          places: [{ service: "-t VIP:80", destination: address, weight: 3 }],
        })),
        missed: missed.map((director) => ({ director, reason: `host ${director}: not reachable` })),
      };
    };
  return {
    ...jest.requireActual("pulumi-lvs-provider/operations"),
    serversOf: async ({ name }: { name: string }) => mockTables[name],
    addressesOf: async () => ["10.0.0.99"],
    drainServer: moved("drains"),
    returnServer: moved("returns"),
    othersAnnounce: async (name: string) => {
      mockAsked.push(`who announces beside ${name}?`);
      if (mockDown.length > 0) throw new Error("nobody announces");
    },
    giveUpDirector: async (name: string) => {
      mockAsked.push(`${name} is given up`);
      return [{ instance: "vip", addresses: ["10.0.0.9"], moved: true, holder: "both2" }];
    },
    withdrawDirector: async (name: string) => {
      mockAsked.push(`${name} is withdrawn`);
      return [{ announcement: "shop", changed: true }];
    },
    returnDirector: async () => [{ instance: "vip", wasGivenUp: true, state: "BACKUP" }],
    announceDirector: async () => [{ announcement: "shop", changed: true }],
  };
});

let said = "";

async function run(...words: string[]): Promise<void> {
  const program = new Command().exitOverride();
  drain(program);
  bringBack(program);
  await program.parseAsync(words, { from: "user" });
}

beforeEach(() => {
  said = "";
  mockAsked.length = mockVips.length = mockDown.length = 0;
  jest.spyOn(process.stdout, "write").mockImplementation((text) => {
    said += text;
    return true;
  });
});
afterEach(() => {
  process.exitCode = undefined;
  jest.restoreAllMocks();
});

test("a server leaves the table of every director that has it, and comes back into each", async () => {
  await run("drain", "rs1", "--reason", "a  disk");
  const how = '{"reason":"a disk","timeout":300,"onTimeout":"fail","force":false}';
  expect(mockAsked).toEqual([`director1 director2 drains 10.0.0.11 ${how}`]);
  expect(said).toBe(
    "director1: -t VIP:80: 10.0.0.11 is out, weight 3\ndirector2: -t VIP:80: 10.0.0.11 is out, weight 3\n",
  );
  mockAsked.length = 0;
  await run("return", "10.0.0.12");
  expect(mockAsked).toEqual(["director1 director3 returns 10.0.0.12 {}"]);
});

test.each(["fd00::b", "FD00:0:0::000B", "[fd00::b]"])(
  "a server has one address, however it is written: %s",
  async (server) => {
    await run("return", server);
    expect(mockAsked).toEqual(["director3 returns fd00::b {}"]);
  },
);

test("a bound that cuts, and the last server, are what was said", async () => {
  await run("drain", "10.0.0.11", "--reason", "x", "--timeout", "5", "--cut", "--force");
  expect(mockAsked[0]).toContain('"timeout":5,"onTimeout":"cut","force":true');
});

test("a director that is not reached is named, in its own exit status as well, and each is asked for its own VIPs", async () => {
  mockDown.push("director2");
  await run("drain", "rs1", "--reason", "a disk");
  expect(said).toBe(
    "director1: -t VIP:80: 10.0.0.11 is out, weight 3\n" +
      "director2: not reached. The next drain, return, rollout or `pulumi up --refresh` gives it what it misses, once it is back\n",
  );
  expect([process.exitCode, mockVips]).toEqual([3, ["10.0.1.2", "10.0.1.3"]]);
});

describe("a director that others stand in for, and that serves beside them as well", () => {
  test("is given up as both, and comes back as both", async () => {
    await run("drain", "both1", "--reason", "new memory");
    expect(mockAsked).toEqual(["who announces beside both1?", "both1 is given up", "both1 is withdrawn"]);
    expect(said).toBe(
      "vip: both2 has taken 10.0.0.9\nshop: withdrawn\nboth1 is given up until `pulumi-lvs return both1`\n",
    );
    said = "";
    await run("return", "both1");
    expect(said).toBe("vip: both1 is back: BACKUP\nshop: announced again\n");
  });

  test("keeps everything where nobody else announces", async () => {
    mockDown.push("both2");
    await expect(run("drain", "both1", "--reason", "new memory")).rejects.toThrow("nobody announces");
    expect(mockAsked).toEqual(["who announces beside both1?"]);
  });
});
