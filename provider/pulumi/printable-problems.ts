import { NO_SUCH_PROPERTY, type Problem } from "../model";
import type { Props } from "./handler";

/**
 * Problems as the engine is told them. The engine prints the value of the property that a problem names, also if the program
 * made the value a secret (pkg/resource/deploy, issueCheckFailures). It prints nothing for a path like "host.port". So a
 * property that may hold a secret is named in the reason alone, and so is one that nobody knows.
 */
export function printableProblems(
  problems: readonly Problem[],
  news: Props,
  secrets: readonly string[] = [],
): Problem[] {
  return problems.map((problem) =>
    isSecret(problem, secrets) && !isEmpty(news[problem.property])
      ? { property: "", reason: `${problem.property}: ${problem.reason}` }
      : { ...problem },
  );
}

function isSecret({ property, reason }: Problem, secrets: readonly string[]): boolean {
  return secrets.includes(property) || reason.startsWith(NO_SUCH_PROPERTY);
}

/** What is missing or empty gives nothing away. */
function isEmpty(value: unknown): boolean {
  return value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
}
