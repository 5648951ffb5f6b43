import type { Command } from "commander";
import { type Claim, claimsOn, releaseClaims } from "pulumi-lvs-provider/operations";
import { print, say } from "../ending";
import { stackState } from "../stack";
import { hostNamed } from "../state";
import { columns } from "../text";

/** `claims`: which stacks have declared what is on a host, and how a claim is released whose stack is gone. */
export function claims(program: Command): void {
  program
    .command("claims")
    .argument("<host>", "the host's name in the program")
    .description("what the host's ledger says: who declares what there; releases what a stack that is gone has left")
    .option("--release <project/stack>", "release all that this stack has declared there; nothing on the host changes")
    .action(async (name: string, { release }: { release?: string }, command: Command) => {
      const host = hostNamed(await stackState(command), name);
      const found = release === undefined ? await claimsOn(host) : await releaseClaims(host, release);
      if (command.optsWithGlobals().json)
        return print({ host: name, ...(release && { released: release }), claims: found });
      say(release === undefined ? listed(found) : `${found.length} released\n${listed(found)}`);
    });
}

function listed(found: readonly Claim[]): string {
  return columns(
    ["KIND", "THING", "DECLARED BY", "LAST WRITTEN"],
    found.map(({ kind, identity, owner, seen }) => [kind, identity, owner ?? "nobody any more", seen ?? ""]),
  );
}
