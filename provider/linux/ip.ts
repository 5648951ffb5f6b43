import type { Family } from "../model";

/** The option of ip(8) for a family. */
export function familyOption(family: Family): "-4" | "-6" {
  return family === "ipv6" ? "-6" : "-4";
}
