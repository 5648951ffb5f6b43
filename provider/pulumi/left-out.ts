import { z } from "zod";
import { type DeclaredHost, declaredHost } from "../host/declared";
import { isDown } from "../host/errors";
import { isForgotten } from "../host/forgotten";
import { address } from "../reconcile/inputs";

/** A real server as its directors know it. The program says so for one run: it stands in no state. */
export interface Behind {
  /** The server's address in the directors' tables. */
  readonly address: string;
  readonly directors: readonly DeclaredHost[];
}

export const declaredBehind: z.ZodType<Behind | undefined> = z
  .object({ address, directors: z.array(declaredHost) })
  .optional();

/** Why an operator has taken a real server out, in words; undefined where it may have clients. */
export type WhyDrained = (behind: Behind) => Promise<string | undefined>;

const behindOf = new Map<string, Behind>();

/** Keeps for this run which directors a resource's host is behind. */
export function noteBehind(id: string, behind: Behind | undefined): void {
  if (behind) behindOf.set(id, behind);
}

/** Why a resource on a host that is down may be left as it is for now, in words; undefined where that is an error. */
export async function whyLeftOut(
  id: string,
  host: DeclaredHost,
  error: unknown,
  whyDrained: WhyDrained,
): Promise<string | undefined> {
  if (isForgotten(host, error)) return "left out, as was asked for";
  const behind = behindOf.get(id);
  if (!behind || !isDown(error) || error.what !== "unreachable") return undefined;
  return whyDrained(behind);
}
