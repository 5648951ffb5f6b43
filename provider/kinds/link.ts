import { z } from "zod";
import { LvsError } from "../host/errors";
import { quote } from "../host/shell";
import { fragment } from "../reconcile/boot";
import { boot, device } from "../reconcile/inputs";
import type { Kind, Step } from "../reconcile/kind";

interface Want {
  device: string;
  /** Always true; here so that an interface that was taken down shows as a difference. */
  up: true;
  boot: boolean;
}

/** A network interface that is up: what a tunnel's module makes is down at first. Deleting leaves it as it was found. */
export const link: Kind<Want, { up: boolean }> = {
  name: "Link",
  inputs: z.object({ device, up: z.literal(true).default(true), boot }),
  identity: (want) => want.device,

  observe: ({ had, want }) => [{ argv: ["ip", "-o", "link", "show", "dev", (want ?? had)?.device as string] }],
  read([reply], { had, want }) {
    // One that is not there is not up; bringing it up says so.
    if (reply?.exit !== 0 && !/does not exist|Cannot find device/.test(reply?.stderr ?? ""))
      throw new LvsError(`looking at the interface ${(want ?? had)?.device}: ${reply?.stderr.trim()}`);
    return { up: /<([^>]*,)?UP[,>]/.test(reply?.stdout ?? "") };
  },
  plan({ had, want, found }, seen) {
    if (want) return seen.up ? [] : [set(want.device, "up")];
    return seen.up && found?.up === false ? [down((had as Want).device)] : [];
  },
  report: (_, seen) => ({ up: seen.up }),
  // Before the addresses on it.
  boot: ({ device }) => [fragment(10, `link-${device}`, `ip link set dev ${quote(device)} up`)],
};

function set(device: string, state: "up" | "down"): Step {
  return {
    run: { argv: ["ip", "link", "set", "dev", device, state] },
    purpose: `bringing the interface ${device} ${state}`,
    advice: ({ stderr }) =>
      /Cannot find device/.test(stderr)
        ? "`ip link` on the host lists its interfaces. Is the kernel module that makes it loaded (KernelModule)?"
        : undefined,
  };
}

/** It may be the one that we came by. */
function down(device: string): Step {
  return { ...set(device, "down"), risky: { undo: set(device, "up").run } };
}
