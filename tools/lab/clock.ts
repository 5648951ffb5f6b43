import { inNamespace } from "./namespace.js";
import type { Place } from "./place.js";
import { sshConfigFile } from "./ssh-config.js";

/**
 * Guests that slept go on with the time at which they fell asleep. Their battery-backed clock slept too, and would tell it again
 * after a reboot.
 */
export async function setClocks(lab: Place, guests: readonly string[]): Promise<void> {
  await Promise.all(
    guests.map(async (guest) => {
      const ssh = (...command: string[]) =>
        inNamespace(lab.namespace, "ssh", ["-F", sshConfigFile(lab), guest, ...command], { stdin: "ignore" });
      // A login takes seconds; the next command needs none.
      await ssh("true");
      await ssh(`date --set=@${Date.now() / 1000} >/dev/null && busybox hwclock --systohc --utc`);
    }),
  );
}
