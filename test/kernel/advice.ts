/** A warning that was told: the rule, the host that it is about, and the whole line. */
export interface Told {
  readonly name: string;
  readonly host: string;
  readonly said: string;
}

/** What is told while something runs. The provider prints it, and the engine shows what a provider prints. */
export async function adviceOf(run: () => Promise<unknown>): Promise<Told[]> {
  const printed = jest.spyOn(console, "log").mockImplementation(() => {});
  try {
    await run();
    return printed.mock.calls.flatMap(([line]) => {
      const [said = "", host = "", name = ""] = /^warning: host (\S+): .*\(advice "(\S+)"\)$/.exec(String(line)) ?? [];
      return said ? [{ name, host, said }] : [];
    });
  } finally {
    printed.mockRestore();
  }
}
