/** A number of things, in words: "1 server", "3 servers". */
export function counted(many: number, what: string): string {
  return `${many} ${what}${many === 1 ? "" : "s"}`;
}
