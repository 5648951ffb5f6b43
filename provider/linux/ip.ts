import type { Command, Reply } from "../host/command";
import { LvsError } from "../host/errors";
import { type Fact, fact } from "../host/fact";
import type { Family } from "../model";

/** The option of ip(8) for a family. */
export function familyOption(family: Family): "-4" | "-6" {
  return family === "ipv6" ? "-6" : "-4";
}

/**
 * Whether ip(8) found no such interface or table. Throws where it could not list what is there, or not all of it: that would count
 * as gone. ip ends well where the kernel's list has changed meanwhile.
 */
export function isAbsent(what: string, { exit, stderr }: Reply): boolean {
  const absent = exit !== 0 && /does not exist|Cannot find device/.test(stderr);
  if ((exit !== 0 && !absent) || /Dump was interrupted/.test(stderr))
    throw new LvsError(
      `reading ${what}: ${stderr.trim() || `exit ${exit}`}. Does \`ip\` work there (iproute2)? Run again`,
    );
  return absent;
}

/** What a command of ip(8) lists; nothing where there is no such interface or table. */
export function listed(ask: Command, what: string): Fact<string> {
  return fact(ask, (reply) => {
    isAbsent(what, reply);
    return reply.stdout;
  });
}

/** What ip(8) prints of an interface; nothing where there is none. */
export function shownLink(device: string): Fact<string> {
  return listed({ argv: ["ip", "-o", "link", "show", "dev", device] }, `the interface ${device}`);
}

/** What to do if a step finds no such interface. */
export function noSuchLink({ stderr }: { readonly stderr: string }): string | undefined {
  return /Cannot find device/.test(stderr)
    ? "`ip link` on the host lists its interfaces. Is the kernel module that makes it loaded (KernelModule)?"
    : undefined;
}
