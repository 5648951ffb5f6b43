import type { z } from "zod";
import { LvsError } from "../host/errors";
import { declared, type Problem } from "../model";
import type { Props } from "./handler";

// What a state says. A former version may have allowed what today's rules refuse, and such a state is taken as it is: otherwise a site
// could not be taken away any more. A state that lacks something says too little.

interface Read<Want> {
  readonly name: string;
  readonly inputs: z.ZodType<Want>;
}

/** The declaration in a state. */
export function stored<Want extends object>({ name, inputs }: Read<Want>, given: Props): Want {
  const { want, problems } = declared(inputs, given);
  const missing = problems.find(({ reason }) => reason.startsWith("is missing"));
  if (missing) throw unusable(name, missing);
  return want ?? (given as Want);
}

/** Does what is asked of a state, and tells what the state lacks where that comes to light by it. */
export async function ofState<T>(
  { name, inputs }: Read<object>,
  given: () => Props,
  act: () => Promise<T>,
): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const [problem] = error instanceof TypeError ? declared(inputs, given()).problems : [];
    throw problem ? unusable(name, problem) : error;
  }
}

function unusable(name: string, { property, reason }: Problem): LvsError {
  return new LvsError(
    `${name}: the stack's state cannot be used: ${property}: ${reason}. Was the state changed by hand, or is it of another version? ` +
      "Restore a former one (`pulumi stack export --version`), or take the resource out of it (`pulumi state delete`): what is on its " +
      "hosts stays then",
  );
}
