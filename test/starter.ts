/** What test/starter.cjs gives to every file of tests: its worker's small process, which starts programs in the worker's place. */
export interface Starter {
  run(argv: readonly string[], input?: string): Promise<{ status: number; stdout: string; stderr: string }>;
  talk(
    argv: readonly string[],
    heard: (line: string | undefined) => void,
  ): { say(line: string): Promise<unknown>; end(): Promise<unknown> };
}

declare global {
  var starter: () => Starter;
}
