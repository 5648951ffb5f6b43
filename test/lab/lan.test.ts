import { directRouting } from "./dr";
import { health } from "./health";
import { persistence } from "./persistence";
import { shop } from "./shop";
import { changed, snapshots } from "./snapshot";
import { LabStack, must } from "./stack";

// One lab for all experiments on one LAN. The experiments follow one another on the same machines, as the stack's
// configuration says.
jest.setTimeout(20 * 60_000);

const lan = new LabStack("lan-test", "172.17.111.111", 12);
const hosts = ["director", "rs1", "rs2"];
const before: Record<string, string[]> = {};

beforeAll(async () => {
  await lan.bare("shopLan");
  Object.assign(before, await snapshots(lan, hosts));
});

afterAll(async () => {
  if (!process.env.LVS_KEEP_LAB) await lan.clear();
});

describe("experiments 2 to 4 on one LAN", () => {
  directRouting(lan);
  persistence(lan);
  health(lan, hosts);

  it("puts every host back as it was found", async () => {
    await must(["start", "bare", "--stack", lan.name]);
    expect(await changed(lan, before)).toEqual({ director: [], rs1: [], rs2: [] });
  });
});

describe("a shop on two real servers", () => shop(lan, before));
