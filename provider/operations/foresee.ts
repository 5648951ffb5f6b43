import type { DeclaredHost } from "../host/declared";
import { LvsError } from "../host/errors";
import { named } from "../host/fact";
import { withSession } from "../host/pool";
import { declaredNow } from "../model";
import type { Props } from "../pulumi/handler";
import { kindInputs } from "../pulumi/kind-state";
import { observed } from "../reconcile/look";
import { subjectOf } from "./things";

/**
 * What the first `up` would do to the thing itself, in words: the purposes of its steps. What a host is to remember (the
 * ledger, the files for its next boot) is not among them. The host is only looked at.
 *
 * @param inputs as a program registers them; those that the kind does not know are passed over
 * @throws LvsError where the inputs are refused, or the host cannot have such a thing
 */
export async function foresee(host: DeclaredHost, kindName: string, inputs: Props): Promise<string[]> {
  const subject = subjectOf(kindName);
  if (!subject) throw new LvsError(`${kindName} is no kind of thing on a host`);
  const { advice, ...own } = inputs;
  const { want: whole, problems } = declaredNow(subject.inputs, kindInputs(subject, own));
  if (!whole) throw new LvsError(problems.map(({ property, reason }) => `${property}: ${reason}`).join("; "));
  return withSession(host, async (session) => {
    const each = subject.things(whole).map(async ({ of: kind, want }) => {
      const fact = observed(kind, session, { owner: "", want });
      const { entry, seen } = fact.read((await session.run({ looks: fact.ask })).looks);
      const change = { want, found: entry ? entry.found : seen };
      return named(session, () => kind.plan(change, seen))
        .filter((step) => !step.remembers)
        .map(({ purpose }) => purpose);
    });
    return (await Promise.all(each)).flat();
  });
}
