import { poll } from "pulumi-lvs-provider/poll";
import { phase } from "../progress.js";
import { consoleLog, consoleTail, guestStates } from "./guests.js";
import { inNamespace } from "./namespace.js";
import { type Place, place } from "./place.js";
import { sshConfigFile } from "./ssh-config.js";

/**
 * Waits until SSH answers on these guests of a stack's lab, or on all of its guests. The error for a guest that does
 * not answer has the end of its console.
 *
 * @param options.seconds how long to wait; emulated guests that boot together on two cores need about one minute.
 * Default 300
 */
export async function waitForGuests(
  stack: string,
  options: { guests?: string[]; seconds?: number } = {},
): Promise<void> {
  const lab = place(stack);
  const guests = options.guests ?? (await guestStates(lab)).map(({ name }) => name);
  await phase(`waiting for SSH on ${guests.join(", ")}`, async () => {
    await Promise.all(guests.map((guest) => waitForGuest(lab, guest, options.seconds ?? 300)));
  });
}

async function waitForGuest(lab: Place, guest: string, seconds: number): Promise<void> {
  const began = performance.now();
  // A new connection, because a connection that is open says nothing about a guest that boots.
  const options = ["ControlPath=none", "BatchMode=yes", "ConnectTimeout=10"].flatMap((option) => ["-o", option]);
  const probe = ["-F", sshConfigFile(lab), ...options, guest, "true"];
  const how = { reject: false, timeout: 60_000, stdin: "ignore" };
  const { exitCode, stderr } = await poll(
    () => inNamespace(lab.namespace, "ssh", probe, how),
    (answer) => answer.exitCode === 0,
    { within: seconds, every: 0.5 },
  );
  if (exitCode === 0) return;
  throw new Error(
    `lab ${lab.stack}: ${guest} does not answer SSH after ${Math.round((performance.now() - began) / 1000)} s: ${stderr}. Its console, ${consoleLog(lab, guest)}, ends with:\n${await consoleTail(lab, guest)}`,
  );
}
