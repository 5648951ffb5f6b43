import { credentialProblems } from "../host/credential-problems";
import { declaredHost } from "../host/declared";
import { giveWay } from "../host/give-way";
import { declaredInTurns, declaredNow, isUnknown, type Problem } from "../model";
import { declaredHints, hostProblems, noteHints, withoutHints } from "./advice";
import { declaredTwice } from "./declared-twice";
import type { Handler, Props } from "./handler";
import { identify, kindInputs, onWire, plain, props } from "./kind-state";
import { declaredBehind, noteBehind } from "./left-out";
import { printableProblems } from "./printable-problems";
import type { Subject } from "./subject";

/**
 * Reads what a program declares of a resource on a host: the normal form, and what is wrong. Declarations of one program that
 * contradict each other are told here as well.
 */
export async function checkInputs<Want extends object>(
  kind: Subject<Want>,
  given: Props,
): ReturnType<Handler["check"]> {
  const news = withoutHints(given);
  // Pulumi's placeholder stands for the whole host if one of its properties is not known yet.
  const host =
    typeof news.host === "string" && isUnknown(news.host)
      ? { want: undefined, problems: [] }
      : declaredNow(declaredHost, props(news.host));
  const thing = await declaredInTurns(kind.inputs, kindInputs(kind, news), giveWay);
  await giveWay();
  const hints = declaredNow(declaredHints, props(given.advice));
  const behind = declaredNow(declaredBehind, given.behind as Props);
  const failures: Problem[] = [
    ...host.problems.map(({ property, reason }) => ({ property: `host.${property}`, reason })),
    ...thing.problems,
    ...hints.problems.map(({ property, reason }) => ({ property: `advice.${property}`, reason })),
    ...behind.problems.map(({ property, reason }) => ({ property: `behind.${property}`, reason })),
  ];
  if (host.want) {
    const keys = credentialProblems(host.want).map((one) => ({ ...one, property: `host.${one.property}` }));
    failures.push(...keys, ...hostProblems(host.want, String(news.owner)));
  }
  if (host.want && thing.want) {
    const whose = { type: kind.name, owner: String(news.owner) };
    for (const { of, want, ...at } of kind.things(thing.want))
      failures.push(...declaredTwice(of, host.want, want, whose).map((one) => ({ ...one, ...at })));
    if (hints.want) noteHints(identify(kind, host.want, thing.want), hints.want);
    noteBehind(identify(kind, host.want, thing.want), behind.want);
  }
  await giveWay();
  const normal = { ...news, ...(host.want && { host: host.want }), ...onWire(kind, { ...thing.want }) };
  return { inputs: plain(normal), failures: printableProblems(failures, news, ["host", ...(kind.secrets ?? [])]) };
}
