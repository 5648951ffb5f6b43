import { kinds, severals } from "../kinds";
import { declared } from "../model";
import type { Props } from "../pulumi/handler";
import { kindInputs } from "../pulumi/kind-state";
import { oneThing, type Subject, severalThings } from "../pulumi/subject";

/** What a resource of this type declares: one thing on its host, or several. A workflow and a value declare none. */
export function subjectOf(type: string): Subject<object> | undefined {
  const [kind, several] = [kinds.get(type), severals.get(type)];
  if (kind) return oneThing(kind) as unknown as Subject<object>;
  return several && (severalThings(several) as unknown as Subject<object>);
}

/** The things that a resource's inputs declare, each with its kind; none where they cannot be read. */
export function thingsOf(type: string, inputs: Props) {
  const subject = subjectOf(type);
  const { want } = subject ? declared(subject.inputs, kindInputs(subject, inputs)) : {};
  return (want && subject?.things(want)) ?? [];
}
