import { readdirSync, readFileSync } from "node:fs";

/** What a command and all that it started took. */
export interface Taken {
  /** CPU seconds of the program, of the provider, and of the rest: Pulumi's CLI, engine and language host. */
  readonly cpu: Readonly<Record<Role, number>>;
  /** The most memory that all of them had at one time, in MB. What several share is counted once (PSS). */
  readonly memory: number;
}

const ROLES = { program: "pulumi/cmd/run", provider: "pulumi/cmd/dynamic-provider", engine: "" } as const;
type Role = keyof typeof ROLES;

const EVERY = 50;
/** The kernel's clock ticks in a second, in which /proc counts (proc(5)). */
const TICKS = 100;

/** Looks at all processes that come of this one during `work`, every twentieth of a second. Their hosts run before. */
export async function takenBy(work: () => Promise<unknown>): Promise<Taken> {
  const before = new Set(children(process.pid));
  const cpu = new Map<number, { role: Role; seconds: number }>();
  let memory = 0;
  let looks = 0;
  const look = () => {
    const there = children(process.pid)
      .filter((pid) => !before.has(pid))
      .flatMap(withDescendants);
    for (const pid of there) {
      const seconds = cpuOf(pid);
      // Of a process that has just ended only the time is left.
      if (seconds !== undefined) cpu.set(pid, { role: roleOf(pid) ?? cpu.get(pid)?.role ?? "engine", seconds });
    }
    // To count memory walks through all of it.
    if (looks++ % 10 === 0)
      memory = Math.max(
        memory,
        there.reduce((sum, pid) => sum + memoryOf(pid), 0),
      );
  };
  const looking = setInterval(look, EVERY);
  try {
    await work();
  } finally {
    clearInterval(looking);
  }
  const sum = (role: Role) => [...cpu.values()].reduce((all, one) => all + (one.role === role ? one.seconds : 0), 0);
  return { memory, cpu: { program: sum("program"), provider: sum("provider"), engine: sum("engine") } };
}

export function total({ cpu }: Taken): number {
  return cpu.program + cpu.provider + cpu.engine;
}

function children(pid: number): number[] {
  const tasks = attempt(() => readdirSync(`/proc/${pid}/task`)) ?? [];
  return tasks.flatMap((task) => read(`/proc/${pid}/task/${task}/children`).split(" ").filter(Boolean).map(Number));
}

function withDescendants(pid: number): number[] {
  return [pid, ...children(pid).flatMap(withDescendants)];
}

function cpuOf(pid: number): number | undefined {
  // The name of the program, in parentheses, may have spaces.
  const fields = read(`/proc/${pid}/stat`).split(") ").at(-1)?.split(" ") ?? [];
  return fields.length > 13 ? (Number(fields[11]) + Number(fields[12])) / TICKS : undefined;
}

function roleOf(pid: number): Role | undefined {
  const words = read(`/proc/${pid}/cmdline`);
  return words === ""
    ? undefined
    : ((Object.keys(ROLES) as Role[]).find((role) => words.includes(ROLES[role])) as Role);
}

function memoryOf(pid: number): number {
  return Number(/^Pss: +(\d+) kB$/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) / 1000;
}

function read(file: string): string {
  return attempt(() => readFileSync(file, "utf8")) ?? "";
}

/** A process may end at any time. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
