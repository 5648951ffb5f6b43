import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { poll } from "../../provider/host/poll";

/** Returns what the product prints for its user during `work`. */
export async function printedBy(work: () => Promise<unknown>): Promise<string[]> {
  const lines: string[] = [];
  const spy = jest.spyOn(console, "log").mockImplementation((line) => lines.push(String(line)));
  try {
    await work();
  } finally {
    spy.mockRestore();
  }
  return lines;
}

/** Returns the hosts to which the product connects during `work`, in order. */
export async function connectedBy(work: () => Promise<unknown>): Promise<string[]> {
  const file = join(tmpdir(), `dialled-${process.pid}`);
  process.env.LVS_TRACE = file;
  try {
    await work();
    const lines = (await readFile(file, "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
    const events = lines.map((line) => JSON.parse(line) as { host: string; connected?: boolean });
    return events.filter(({ connected }) => connected).map(({ host }) => host);
  } finally {
    delete process.env.LVS_TRACE;
    await rm(file, { force: true });
  }
}

/** Waits until the product has printed these words, or until the work has ended. Only for use within `printedBy`. */
export async function untilPrinted(words: string, work: Promise<unknown>): Promise<void> {
  let over = false;
  const ended = () => {
    over = true;
  };
  work.then(ended, ended);
  const said = () => (console.log as jest.Mock).mock.calls.some(([line]) => String(line).includes(words));
  await poll(() => said() || over, Boolean, { within: 600, every: 0.05 });
  if (!said()) throw new Error(`it ${over ? "ended before it said" : "has not said"} "${words}"`);
}
