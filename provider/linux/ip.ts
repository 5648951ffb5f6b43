import { LvsError } from "../host/errors";
import { type Fact, fact } from "../host/fact";
import type { Family } from "../model";

/** The option of ip(8) for a family. */
export function familyOption(family: Family): "-4" | "-6" {
  return family === "ipv6" ? "-6" : "-4";
}

/** What ip(8) prints of an interface; nothing where there is none. */
export function shownLink(device: string): Fact<string> {
  return fact({ argv: ["ip", "-o", "link", "show", "dev", device] }, ({ exit, stdout, stderr }) => {
    if (exit !== 0 && !/does not exist|Cannot find device/.test(stderr))
      throw new LvsError(`looking at the interface ${device}: ${stderr.trim()}`);
    return stdout;
  });
}

/** What to do if a step finds no such interface. */
export function noSuchLink({ stderr }: { readonly stderr: string }): string | undefined {
  return /Cannot find device/.test(stderr)
    ? "`ip link` on the host lists its interfaces. Is the kernel module that makes it loaded (KernelModule)?"
    : undefined;
}
