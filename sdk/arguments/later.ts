import * as pulumi from "@pulumi/pulumi";
import { isRefusal, type Problem, refusal } from "pulumi-lvs-provider/model";
import { ArgumentError } from "./argument-error";

/**
 * An input that is made from values which the program may know only during the update. Nothing is thrown then, because a
 * program that throws there runs for ever with some versions of Node (nodejs/node#64011). What is wrong takes the input's place,
 * and the check of the resource tells it.
 *
 * @param declared what is being declared: `NatCluster "shop"`
 * @param make returns the input; what it throws is told as well
 */
export function later<T, R>(
  declared: string,
  values: pulumi.Input<T>,
  problems: (known: pulumi.Unwrap<T>) => readonly Problem[],
  make: (known: pulumi.Unwrap<T>) => R,
): pulumi.Output<R> {
  const made = pulumi.output(values).apply((known) => {
    try {
      const wrong = problems(known);
      return wrong.length > 0 ? refusal(declared, wrong) : make(known);
    } catch (error) {
      return refusal(declared, problemsOf(error as Error));
    }
  });
  return made as unknown as pulumi.Output<R>;
}

/** The same of an input that was made so: what was refused there is refused here. */
export function andThen<T, R>(made: pulumi.Output<T>, make: (known: T) => R | pulumi.Output<R>): pulumi.Output<R> {
  const next = made.apply((known) => (isRefusal(known) ? known : make(known)));
  return next as unknown as pulumi.Output<R>;
}

function problemsOf(error: Error): readonly Problem[] {
  return error instanceof ArgumentError ? error.problems : [{ property: "arguments", reason: error.message }];
}
