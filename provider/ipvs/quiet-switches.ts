import { switchOn } from "../linux/switches";
import type { Step } from "../reconcile/kind";
import { NODEST, QUIESCENT, switchBackStep } from "./drain";
import type { Checked } from "./health-table";

/** The kernel switches that are held for a declaration, and those of them that are off all the same. */
interface Switches {
  readonly borrowed: readonly string[];
  readonly off?: readonly string[];
}

/** Whether a destination may have weight 0 while persistence would go on sending known clients to it. QUIESCENT prevents that. */
export function isQuiet(wanted: Record<string, Checked>): boolean {
  return Object.values(wanted).some(
    ({ persistence, quiescent, destinations }) =>
      persistence && (quiescent || Object.values(destinations).some(({ weight }) => weight === 0)),
  );
}

/** The steps that switch the kernel switches on and back. */
export function quietSwitches(
  holder: string,
  wanted: Record<string, Checked>,
  drains: boolean,
  { borrowed, off }: Switches,
): Step[] {
  const quiet = isQuiet(wanted);
  const keys = [...(quiet ? [QUIESCENT] : []), ...(drains || borrowed.includes(NODEST) ? [NODEST] : [])];
  const purpose = "letting known clients of a quiet destination move to another";
  return [
    ...(quiet && (!borrowed.includes(QUIESCENT) || off?.includes(QUIESCENT))
      ? [{ run: switchOn(QUIESCENT, holder), purpose }]
      : []),
    ...borrowed.filter((key) => !keys.includes(key)).map((key) => switchBackStep(key, holder)),
  ];
}
