import { Secret } from "../../provider/host/command";
import { kinds } from "../../provider/kinds";
import { declared } from "../../provider/model";
import type { Kind } from "../../provider/reconcile/kind";
import { type Case, casesOf, changeOf, kindsWithCases, reply } from "./cases";

describe.each(kindsWithCases)("%s", (kindName) => {
  const kind = kinds.get(kindName) as Kind;
  test.each(casesOf(kindName))("$name", (data) => {
    if (data.inputs) runInputs(kind, data);
    else if (data.replies) runReplies(kind, data);
    else if (data.refused) runRefused(kind, data);
    else runPlan(kind, data);
  });
});

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
  // A case that says nothing of what is seen would assert nothing.
  if (seen === undefined && reported === undefined) throw new Error("`seen`, `reported` or `error` is missing");
  if (seen !== undefined) expect(plain(read())).toEqual(seen);
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

function runRefused(kind: Kind, { want, seen, refused = "" }: Case): void {
  const change = changeOf(kind, { want });
  expect(kind.irreplaceable?.(change.want as object, seen)).toContain(refused);
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
