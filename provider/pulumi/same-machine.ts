import type { DeclaredHost } from "../host/declared";
import { LvsError } from "../host/errors";
import { withoutParents } from "../reconcile/owners";
import type { JudgeMachine } from "../reconcile/task";

// Whether the machine that answers is the expected one.

/** Refuses another machine than the last time, unless the host declares the new one as `machine`. */
export function sameMachine(host: DeclaredHost, before: unknown): JudgeMachine {
  return (machine) => {
    const expected = host.machine ?? (typeof before === "string" && before !== "" ? before : undefined);
    if (expected === undefined || expected === machine) return;
    throw new LvsError(
      `host ${host.name} (${host.address}): another machine answers: its machine-id is ${machine}, expected is ${expected}. ` +
        `Is the address right? If the machine was replaced on purpose, declare machine: "${machine}" on the host, and run ` +
        "`pulumi up` without a refresh before it: a refresh expects the machine that the state has",
    );
  };
}

/** The thing was on a machine that was replaced, so the thing is gone with that machine. */
export class WentWithItsMachine extends LvsError {}

/**
 * Judges the machine before a delete. After a machine was replaced, Pulumi creates the things on the new machine and then
 * deletes the originals. If the same owner already declares the thing on the machine that answers, that machine is the
 * successor, and the new thing must not be deleted.
 */
export function sameMachineOrSuccessor(owner: string, host: DeclaredHost, before: unknown): JudgeMachine {
  const judge = sameMachine(host, before);
  return (machine, ownersThere) => {
    try {
      judge(machine, ownersThere);
    } catch (error) {
      const isThere = ownersThere.some((there) => there === owner || withoutParents(there) === owner);
      throw isThere ? new WentWithItsMachine((error as Error).message) : error;
    }
  };
}
