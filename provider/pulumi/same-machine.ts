import type { DeclaredHost } from "../host/declared";
import { LvsError } from "../host/errors";
import type { JudgeMachine } from "../reconcile/look";

// Whether the machine that answers is the one that is meant.

/** A machine that is another one than last time is not touched, unless the host says that this is meant. */
export function sameMachine(host: DeclaredHost, before: unknown): JudgeMachine {
  return (machine) => {
    const expected = host.machine ?? (typeof before === "string" && before !== "" ? before : undefined);
    if (expected === undefined || expected === machine) return;
    throw new LvsError(
      `host ${host.name} (${host.address}): another machine answers: its machine-id is ${machine}, expected is ${expected}. ` +
        `Is the address right? If the machine was replaced on purpose, declare machine: "${machine}" on the host`,
    );
  };
}

/** What was on the machine went with it. */
export class WentWithItsMachine extends LvsError {}

/**
 * After a machine was replaced, Pulumi makes everything on the new one and then deletes the originals. A new machine on which
 * the same owner declares the thing already is the old one's successor: there is nothing to delete there.
 */
export function sameMachineOrSuccessor(owner: string, host: DeclaredHost, before: unknown): JudgeMachine {
  const judge = sameMachine(host, before);
  return (machine, ownersThere) => {
    try {
      judge(machine, ownersThere);
    } catch (error) {
      throw ownersThere.includes(owner) ? new WentWithItsMachine((error as Error).message) : error;
    }
  };
}
