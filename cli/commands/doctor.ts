import type { Command } from "commander";
import { type Checkup, checkup } from "pulumi-lvs-provider/operations";
import { EXIT, print, say } from "../ending";
import { stackState } from "../stack";

/** `doctor`: what is known to fail on the stack's hosts. */
export function doctor(program: Command): void {
  program
    .command("doctor")
    .description(
      "reach every host; system, kernel, ipvsadm, firewall, MTU, clock, and what is known to fail, with its cure",
    )
    .action(async (_: unknown, command: Command) => {
      const found = await checkup((await stackState(command)).resources);
      if (command.optsWithGlobals().json) print({ hosts: found });
      else say(found.map(text).join(""));
      const isWell = found.every(({ error, advice }) => error === undefined && advice.length === 0);
      process.exitCode = isWell ? EXIT.done : EXIT.differs;
    });
}

function text({ host, address, error, advice, ...seen }: Checkup): string {
  // What is said of a host that was not reached names it itself.
  if (error !== undefined)
    return error.startsWith(`host ${host} (`) ? `${error}\n` : `${host} (${address}): ${error}\n`;
  const { system, kernel, ipvsadm, firewall = [], mtu = {}, clock } = seen;
  const told = [
    ...[system, `kernel ${kernel}`, ipvsadm && `ipvsadm ${ipvsadm}`, `firewall ${firewall.join(" and ") || "none"}`],
    ...[mtuText(mtu), clock !== undefined && `clock ${clock < 0 ? "" : "+"}${clock} s`],
  ];
  const head = `${host} (${address}): ${told.filter(Boolean).join(", ")}\n`;
  return [head, ...advice.map((one) => `  ${one}\n`)].join("");
}

/** "MTU 1500 (eth0, eth1) 9000 (eth2)" */
function mtuText(mtu: Readonly<Record<string, number>>): string {
  const sizes = [...new Set(Object.values(mtu))].sort((one, other) => one - other);
  const of = (size: number) => Object.keys(mtu).filter((device) => mtu[device] === size);
  return sizes.length === 0 ? "" : `MTU ${sizes.map((size) => `${size} (${of(size).join(", ")})`).join(" ")}`;
}
