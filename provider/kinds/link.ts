import { z } from "zod";
import { map } from "../host/fact";
import { quote } from "../host/shell";
import { noSuchLink, shownLink } from "../linux/ip";
import { formerFragment, fragment } from "../reconcile/boot";
import { boot, device } from "../reconcile/inputs";
import type { Kind, Step } from "../reconcile/kind";
import { about } from "../reconcile/kind";

interface Want {
  device: string;
  /** Always true. The property is here so that an interface that was taken down shows as a difference. */
  up: true;
  boot: boolean;
}

/**
 * A network interface that is up. The interface that a tunnel's module makes is down at first. A delete leaves the interface as
 * it was found.
 */
export const link: Kind<Want, { up: boolean }> = {
  name: "Link",
  inputs: z.object({ device, up: z.literal(true).default(true), boot }),
  identity,

  // An interface that is not there counts as down. The step that brings it up reports that it is missing.
  look: (change) => map(shownLink(about(change).device), (shown) => ({ up: /<([^>]*,)?UP[,>]/.test(shown) })),
  plan({ had, want, found }, seen) {
    if (want) return seen.up ? [] : [set(want.device, "up")];
    return seen.up && found?.up === false ? [down((had as Want).device)] : [];
  },
  report: (_, seen) => ({ up: seen.up }),
  // The order 10 is before that of the addresses on the interface.
  boot: (want) => [fragment(10, "Link", identity(want), atBoot(want))],
  formerly: (want) => ({ boot: [formerFragment(10, ["link", want.device], atBoot(want))] }),
};

function identity(want: Want): string {
  return want.device;
}

function atBoot({ device }: Want): string {
  return `ip link set dev ${quote(device)} up`;
}

function set(device: string, state: "up" | "down"): Step {
  return {
    run: { argv: ["ip", "link", "set", "dev", device, state] },
    purpose: `bringing the interface ${device} ${state}`,
    advice: noSuchLink,
  };
}

function down(device: string): Step {
  const risky = { undo: set(device, "up").run, touches: "way", advice: `Does Pulumi come in by ${device}?` } as const;
  return { ...set(device, "down"), risky };
}
