import type { Problem } from "pulumi-lvs-provider/model";

/** The problem of a property, where there is a reason to tell one. */
export function problem(property: string, reason: string | false | undefined): Problem[] {
  return reason ? [{ property, reason }] : [];
}
