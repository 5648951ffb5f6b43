import type { Props } from "../../provider/pulumi/handler";
import { Declared } from "./declared";
import { KEY, memoryHost, onMemoryHost, owners, sysctl, value } from "./one-setting";

jest.mock("../../provider/host/pool", () => require("./one-setting").pool);

// What several stacks share, while one of them dies, is renamed, or comes back from an old state.

const [A, B, C] = ["a/prod/forward", "b/prod/forward", "c/prod/forward"] as const;
const exported = ({ state }: Declared): Props => ({ ...state });
const gone = () => [value(), memoryHost().has("/var/lib/lvs")];

onMemoryHost("a shared setting", () => {
  test("is kept for the other stack by one that comes back from an export of before its destroy", async () => {
    const [one, two] = [await sysctl(A).create(), await sysctl(B).create()];
    const former = exported(one);
    await one.delete();
    one.state = former;
    await one.delete();
    expect([value(), Object.keys(owners())]).toEqual(["1", [B]]);
    one.state = former;
    await one.refresh();
    expect(await one.changes()).toBe(true);
    await one.update();
    await two.delete();
    expect(value()).toBe("1");
    await one.delete();
    expect(gone()).toEqual(["0", false]);
  });

  test("is not taken from the stack that superseded a lost one whose state is found again", async () => {
    const [one, two] = [await sysctl(A).create(), await sysctl(B).create()];
    const heir = two.as(B, { value: 2 }, { supersedes: ["a/prod"] });
    await heir.update();
    expect([value(), Object.keys(owners())]).toEqual(["2", [B]]);
    await one.refresh();
    await one.delete();
    expect([value(), Object.keys(owners())]).toEqual(["2", [B]]);
    await heir.delete();
    expect(gone()).toEqual(["0", false]);
  });

  test("has one owner after a rename that was not saved and a second one, which names the first", async () => {
    const [one, two] = [await sysctl(A).create(), await sysctl(B).create()];
    await one.as(C).update();
    expect(Object.keys(owners()).sort()).toEqual([B, C]);
    // The state still has the former name, and the next run another one again. It could be a copy in another stack.
    const renamed = one.as("d/prod/forward", {}, { supersedes: ["c/prod"] });
    await renamed.update();
    expect(Object.keys(owners()).sort()).toEqual([B, "d/prod/forward"]);
    await two.delete();
    await renamed.delete();
    expect(gone()).toEqual(["0", false]);
  });

  test("is what the program says, also after a state of a former value was restored", async () => {
    const [one, two] = [await sysctl(A).create(), await sysctl(B).create()];
    const former = exported(one);
    one.inputs = { key: KEY, value: 2 };
    await one.update();
    [one.state, one.inputs] = [former, { key: KEY, value: 1 }];
    await one.refresh();
    expect(await one.changes()).toBe(true);
    await one.update();
    await two.refresh();
    expect([value(), await two.changes()]).toEqual(["1", false]);
    await one.delete();
    await two.delete();
    expect(gone()).toEqual(["0", false]);
  });

  test("comes back for a living stack that another one took for gone", async () => {
    const [one, two] = [await sysctl(A).create(), await sysctl(B).create()];
    const heir = two.as(B, {}, { supersedes: ["a/prod"] });
    await heir.update();
    await heir.delete();
    expect(gone()).toEqual(["0", false]);
    await one.refresh();
    expect(one.state).toBeUndefined();
    await one.create();
    expect([value(), Object.keys(owners())]).toEqual(["1", [A]]);
    await one.delete();
    expect(gone()).toEqual(["0", false]);
  });

  test("outlives the deletes of a replaced resource, its original and a copy of its state", async () => {
    const [one, three] = [await sysctl(A).create(), await sysctl(C).create()];
    const copy = one.as(B);
    await one.replace();
    await copy.delete();
    await copy.delete();
    expect([value(), Object.keys(owners()).sort()]).toEqual(["1", [A, C]]);
    await three.delete();
    await one.delete();
    await one.delete();
    expect(gone()).toEqual(["0", false]);
  });
});

/** Numbers from 0 to below `most`, the same ones in every run. */
function numbers(seed: number): (most: number) => number {
  let now = seed;
  return (most) => {
    now = (now * 1103515245 + 12345) % 2 ** 31;
    return Math.floor((now / 2 ** 31) * most);
  };
}

// Each stack does what stacks do, in any order. Whoever still has it in the state can have it, and the last one leaves nothing.
onMemoryHost("stacks in any order", () => {
  test.each([1, 2, 3])(
    "seed %d",
    async (seed) => {
      const any = numbers(seed);
      const stacks = [A, B, C].map((owner) => ({
        owner,
        it: new Declared("Sysctl", { key: KEY, value: 1 }, owner),
        exports: [] as Props[],
        did: [] as string[],
      }));
      const all: string[] = [];
      const has = (it: Declared, state?: Props) => Object.assign(it, { state });
      for (let n = 0; n < 25; n++) {
        const one = stacks[any(3)] as (typeof stacks)[number];
        const { it } = one;
        const acts: [string, () => Promise<unknown>][] = it.state
          ? [
              ["refresh", () => it.refresh()],
              ["up", () => it.update()],
              ["replace", () => it.replace()],
              ["export", async () => one.exports.push(exported(it))],
              ["destroy", () => it.delete().then(() => has(it))],
              ["lose", async () => has(it)],
            ]
          : [["create", () => it.create()]];
        if (one.exports.length > 0) acts.push(["import", async () => has(it, one.exports[any(one.exports.length)])]);
        const [name, act] = acts[any(acts.length)] as (typeof acts)[number];
        all.push(`${one.owner[0]} ${name}`);
        await act();
        // After a refresh and an `up`, whoever has it in the state has it on the host.
        if (["up", "replace", "create"].includes(name)) {
          await it.refresh();
          if (await it.changes()) await it.update();
          expect([all, value(), Object.keys(owners()).includes(one.owner)]).toEqual([all, "1", true]);
        }
      }
      // Lost states are made good by a create of the same name, and then all go.
      for (const { it } of stacks) {
        if (!it.state) await it.create();
        await it.refresh();
        await it.update();
      }
      for (const { it } of stacks) await it.delete();
      expect([all, ...gone()]).toEqual([all, "0", false]);
    },
    60_000,
  );
});
