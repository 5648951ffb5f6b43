import { Session } from "node:inspector";
import type { Command, Session as CommandSession, Reply } from "../../provider/host/command";
import { provider } from "../../provider/index";
import { virtualService } from "../../provider/kinds/virtual-service";
import type { Props } from "../../provider/pulumi/handler";
import type { Kind, Step } from "../../provider/reconcile/kind";
import { read } from "../../provider/reconcile/reconcile";
import { FakeIpvs } from "./fake-ipvs";
import { turnClock } from "./turn-clock";

// What a service of four times as many destinations takes. Nothing is timed: the engine of JavaScript counts how often each
// block of our code runs, and what a list is searched for is counted here.

const kind = virtualService as unknown as Kind;
const handler = provider("VirtualService");

interface Range {
  readonly count: number;
}
interface Coverage {
  readonly result: readonly { url: string; functions: readonly { ranges: readonly Range[] }[] }[];
}

const session = new Session();

// V8 looks through all that the process has in its memory when it begins to count.
beforeAll(() => {
  session.connect();
  session.post("Profiler.enable");
  session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
});

afterAll(() => session.disconnect());

/** How often each block of the provider and of its schemas ran since the last call. */
function blocksRun(): number {
  let blocks = 0;
  session.post("Profiler.takePreciseCoverage", (_: Error | null, { result }: Coverage) => {
    const ours = result.filter(({ url }) => /\/(provider|zod)\//.test(url) && !url.includes("/test/"));
    for (const { ranges } of ours.flatMap(({ functions }) => functions))
      for (const { count } of ranges) blocks += count;
  });
  return blocks;
}

/** The blocks that run, and the elements of lists that are searched. */
async function work(run: () => unknown): Promise<number> {
  let searched = 0;
  const { includes, indexOf } = Array.prototype;
  Object.assign(Array.prototype, {
    includes(this: unknown[], ...rest: [unknown]) {
      searched += this.length;
      return includes.apply(this, rest);
    },
    indexOf(this: unknown[], ...rest: [unknown]) {
      searched += this.length;
      return indexOf.apply(this, rest);
    },
  });
  try {
    blocksRun();
    await run();
    return blocksRun() + searched;
  } finally {
    Object.assign(Array.prototype, { includes, indexOf });
  }
}

const many = (count: number) => Array.from({ length: count }, (_, i) => `10.92.${i >> 8}.${i & 255}:80`);

function inputs(count: number, weight = 1): Props {
  const destinations = Object.fromEntries(many(count).map((key, i) => [key, { weight: i === 7 ? weight : 1 }]));
  return { address: "10.91.0.1", port: 80, scheduler: "wrr", forwarding: "dr", destinations };
}

/** A director with as many destinations, and what it answers. */
function director(count: number, weight = 1) {
  const ipvs = new FakeIpvs();
  const answer = (command: Command): Reply => ipvs.run(command);
  const want = kind.inputs.parse(inputs(count, weight));
  for (const { run } of kind.plan({ want }, { service: null, borrowed: [] })) ipvs.run(run);
  const { ask, read } = kind.look({ want });
  const replies = ask.map(answer);
  return { want, replies, seen: read(replies) };
}

const frame = { __provider: "stub", owner: "lvs/growth/it", host: { name: "director", address: "192.0.2.1" } };

/** What is done for as many destinations, by its name. What has to be there before is made at once, and not counted. */
const TASKS: Readonly<Record<string, (count: number) => () => unknown>> = {
  "a declaration is checked": (count) => () => handler.check({}, { ...frame, ...inputs(count) }),
  "two declarations are compared": (count) => {
    const [olds, news] = [
      { ...frame, ...inputs(count, 1) },
      { ...frame, ...inputs(count, 2) },
    ];
    return () => handler.diff("it", olds, news);
  },
  "a look is read": (count) => {
    const { want, replies } = director(count);
    return () => void kind.look({ want }).read(replies);
  },
  "what is seen is told": (count) => {
    const { want, seen } = director(count);
    return () => void kind.report(want, seen);
  },
  "nothing is to be done": (count) => {
    const { want, seen } = director(count);
    return () => void kind.plan({ want }, seen);
  },
  "all are made": (count) => {
    const { want } = director(count);
    return () => void kind.plan({ want }, { service: null, borrowed: [] });
  },
  "one is changed": (count) => {
    const { want } = director(count, 2);
    const { want: had, seen } = director(count);
    return () => void kind.plan({ had, want, found: { service: null, borrowed: [] } }, seen);
  },
  "half of them are drained": (count) => {
    const { want: had, seen, replies } = director(count);
    const { want } = director(count / 2);
    return () => drained(kind.plan({ had, want, found: { service: null, borrowed: [] } }, seen), replies);
  },
  "all of them leave": (count) => {
    const { want: had, seen, replies } = director(count);
    return () => drained(kind.plan({ had, found: { service: null, borrowed: [] } }, seen), replies);
  },
  "the files of the boot are made": (count) => {
    const { want } = director(count);
    // They are made once for each object.
    return () => {
      const fresh = { ...want };
      kind.boot?.(fresh);
      kind.formerly?.(fresh);
    };
  },
};

function drained(steps: readonly Step[], replies: readonly Reply[]): void {
  const [until] = steps.flatMap((step) => step.until ?? []);
  expect(until?.missing(replies[1] as Reply, 9)).toBeUndefined();
}

const FEW = 150;

test.each(Object.entries(TASKS))("four times as many destinations take four times as much: %s", async (_, task) => {
  const [few, more] = [task(FEW), task(4 * FEW)];
  // What is made once, as the code of a schema, is no part of it.
  await few();
  let counted = await work(few);
  expect(counted).toBeGreaterThan(FEW);
  const counts = await work(more);
  // The engine forgets the counts of a function that it has collected as garbage: the larger count is the right one.
  for (let i = 0; i < 2 && counts / counted >= 4.5; i++) counted = Math.max(counted, await work(few));
  expect(counts / counted).toBeLessThan(4.5);
});

test("what is counted shows a search for each in all of them", async () => {
  const search = (count: number) => () => {
    const keys = many(count);
    for (const key of keys) keys.includes(key);
  };
  expect((await work(search(4 * FEW))) / (await work(search(FEW)))).toBeGreaterThan(15);
});

/** How often everything else of the process has its turn meanwhile. */
async function turns(task: () => Promise<unknown>): Promise<number> {
  using clock = turnClock();
  await task();
  return clock.now();
}

test("what takes long with many destinations gives way between its stages", async () => {
  const [olds, news] = [
    { ...frame, ...inputs(FEW, 1) },
    { ...frame, ...inputs(FEW, 2) },
  ];
  expect(await turns(() => handler.check({}, news))).toBeGreaterThanOrEqual(4);
  expect(await turns(() => handler.diff("it", olds, news))).toBeGreaterThanOrEqual(2);

  const { want, replies } = director(FEW);
  const asked = kind.look({ want }).ask.map(({ argv }) => argv.join(" "));
  const answer = ({ argv }: Command) => replies[asked.indexOf(argv.join(" "))] ?? { exit: 0, stdout: "", stderr: "" };
  const run = async ({ looks = [] }: Parameters<CommandSession["run"]>[0]) => {
    return { machine: "m", looks: looks.map(answer), steps: [] };
  };
  const session = { name: "director", run } as unknown as CommandSession;
  let seen: unknown;
  const looking = async () => {
    seen = await read(kind, session, { owner: "lvs/growth/it", want });
  };
  expect(await turns(looking)).toBeGreaterThanOrEqual(5);
  expect(seen).toMatchObject({ machine: "m" });
});
