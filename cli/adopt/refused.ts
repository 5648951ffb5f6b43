/** What a configuration has that its own program refuses or cannot mean, with its place: "ldirectord.cf:14: …". */
export class Refused extends Error {
  constructor(
    readonly file: string,
    readonly line: number,
    readonly reason: string,
  ) {
    super(`${file}:${line}: ${reason}`);
  }
}

/** What the names in a host's files stand for there: getent(1) of that host. */
export interface Names {
  /** The number of a port's name, of any protocol where none is said. */
  port(name: string, protocol?: string): number | undefined;
  address(name: string, family: "ipv4" | "ipv6"): string | undefined;
}
