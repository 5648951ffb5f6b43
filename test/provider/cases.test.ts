import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Reply, Secret } from "../../provider/host/command";
import { kinds } from "../../provider/kinds";
import { declared } from "../../provider/pulumi/declaration";
import type { Change, Kind } from "../../provider/reconcile/kind";

/**
 * A case is data: cases/<Kind>/*.json holds one, or a list of them. `want` and `had` are inputs, as a user writes them.
 *
 * - inputs → `problems` (property, part of the reason), or the normal form `normal`
 * - want or had, replies → `seen`, and what is `reported` of it, or the `error`
 * - had, want, found, seen → `steps`: the purpose of each, and of its command `argv`, `args` (those of a script) or `stdin`;
 *   and the files that act at boot; or the `error`
 */
interface Case {
  name: string;
  inputs?: Record<string, unknown>;
  problems?: { property: string; reason: string }[];
  normal?: object;
  had?: Record<string, unknown>;
  want?: Record<string, unknown>;
  found?: object;
  replies?: (Partial<Reply> | string)[];
  seen?: object;
  reported?: object;
  error?: string;
  steps?: { purpose: string; argv?: string[]; args?: string[]; stdin?: string }[];
  boot?: { path: string; text: string }[];
}

const folder = join(__dirname, "cases");

describe.each(readdirSync(folder))("%s", (kindName) => {
  const kind = kinds.get(kindName) as Kind;
  test.each(casesOf(kindName))("$name", (data) => {
    if (data.inputs) runInputs(kind, data);
    else if (data.replies) runReplies(kind, data);
    else runPlan(kind, data);
  });
});

function casesOf(kindName: string): Case[] {
  return readdirSync(join(folder, kindName)).flatMap((file) => {
    const data = JSON.parse(readFileSync(join(folder, kindName, file), "utf8")) as Case | Case[];
    return [data].flat().map((one) => ({ ...one, name: one.name ?? file }));
  });
}

function runInputs(kind: Kind, { inputs = {}, problems = [], normal }: Case): void {
  const found = declared(kind.inputs, inputs);
  expect(found.problems).toEqual(
    problems.map(({ property, reason }) => ({ property, reason: expect.stringContaining(reason) })),
  );
  if (!normal) return;
  expect(plain(found.want)).toEqual(normal);
  expect(plain(declared(kind.inputs, normal as Record<string, unknown>).want)).toEqual(normal);
}

function runReplies(kind: Kind, { had, want, replies = [], seen, reported, error }: Case): void {
  const change = changeOf(kind, { had, want });
  const fact = kind.look(change);
  expect(fact.ask).toHaveLength(replies.length);
  const read = () => fact.read(replies.map(reply));
  if (error !== undefined) return void expect(read).toThrow(error);
  if (seen) expect(plain(read())).toEqual(seen);
  if (reported) expect(plain(kind.report((change.want ?? change.had) as object, read()))).toEqual(reported);
}

function runPlan(kind: Kind, { had, want, found, seen, steps = [], boot, error }: Case): void {
  const change = changeOf(kind, { had, want, found });
  if (error !== undefined) return void expect(() => kind.plan(change, seen)).toThrow(error);
  const planned = kind.plan(change, seen);
  expect(planned.map(({ purpose }) => purpose)).toEqual(steps.map(({ purpose }) => purpose));
  for (const [i, { argv, args, stdin }] of steps.entries()) {
    const { run } = planned[i] as (typeof planned)[number];
    if (argv) expect(run.argv).toEqual(argv);
    if (args) expect([run.argv.slice(0, 2), run.argv.slice(4)]).toEqual([["sh", "-c"], args]);
    if (stdin !== undefined) expect(run.stdin instanceof Secret ? run.stdin.reveal() : run.stdin).toBe(stdin);
  }
  if (boot) expect(kind.boot?.(change.want as object)).toEqual(boot);
}

function changeOf(kind: Kind, { had, want, found }: Pick<Case, "had" | "want" | "found">): Change<object> {
  return {
    ...(had && { had: kind.inputs.parse(had) }),
    ...(want && { want: kind.inputs.parse(want) }),
    ...(found && { found }),
  };
}

/** A reply is the whole of it, or what was printed by a command that succeeded. */
function reply(given: Partial<Reply> | string): Reply {
  return { exit: 0, stdout: "", stderr: "", ...(typeof given === "string" ? { stdout: given } : given) };
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
