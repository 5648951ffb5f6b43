import type { Command } from "commander";
import { type Checkup, checkup } from "pulumi-lvs-provider/operations";
import { EXIT, print } from "../ending";
import { stackState } from "../stack";

/** `doctor`: what is known to fail on the stack's hosts. */
export function doctor(program: Command): void {
  program
    .command("doctor")
    .description(
      "reach every host; system, kernel, ipvsadm, firewall, a clock that is wrong, and what is known to fail, with its cure",
    )
    .action(async (_: unknown, command: Command) => {
      const found = await checkup((await stackState(command)).resources);
      if (command.optsWithGlobals().json) print({ hosts: found });
      else process.stdout.write(found.map(text).join(""));
      const isWell = found.every(({ error, advice }) => error === undefined && advice.length === 0);
      process.exitCode = isWell ? EXIT.done : EXIT.differs;
    });
}

function text({ host, address, error, system, kernel, ipvsadm, firewall = [], advice }: Checkup): string {
  if (error !== undefined) return `${host} (${address}): ${error}\n`;
  const table = ipvsadm ? `, ipvsadm ${ipvsadm}` : "";
  const head = `${host} (${address}): ${system}, kernel ${kernel}${table}, firewall ${firewall.join(" and ") || "none"}\n`;
  return [head, ...advice.map((one) => `  ${one}\n`)].join("");
}
