import { cpus } from "node:os";

/** What test/bench tells of each scenario and tool. */
export interface Figure {
  readonly scenario: string;
  readonly tool: string;
  readonly seconds: readonly number[];
  readonly counts: string;
}

/** A line of the table. */
interface Row {
  readonly scenario: string;
  readonly tool: string;
  /** "median (least to most)" */
  readonly seconds: string;
  readonly counts: string;
}

const HEADS = ["scenario", "tool", "seconds: median (least to most)", "ratio", "counted"];

/** What the others of a scenario are compared with, by the beginnings of their names: the first that is there. */
const BASES = ["pyinfra", "bare", "five times", "Pulumi alone"];

/**
 * The figures as a table: medians with spread, and how they compare. What another question measured before on the same machine
 * stays in the table.
 *
 * @param before the text that the table replaces
 */
export function table(figures: readonly Figure[], before: string, problem = ""): string {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, Node.js ${process.version}`;
  const today = new Date().toISOString().slice(0, 10);
  const since = before.includes(machine) ? /^\d{4}-\d\d-\d\d/m.exec(before)?.[0] : undefined;
  const all = new Map<string, Row>();
  for (const row of [...(since ? rowsOf(before) : []), ...figures.map(rowOf)])
    all.set(JSON.stringify([row.scenario, row.tool]), row);
  const date = since && since !== today ? `${since} to ${today}` : today;
  return `${date}, ${machine}${problem && `; ${problem}`}\n\n${written([...all.values()])}\n`;
}

function written(rows: readonly Row[]): string {
  const scenarios = [...new Set(rows.map(({ scenario }) => scenario))];
  const cells = scenarios.flatMap((scenario) => {
    const of = rows.filter((one) => one.scenario === scenario);
    const base = BASES.flatMap((name) => of.find(({ tool }) => tool.startsWith(name)) ?? [])[0];
    return of.map((one, i) => {
      const ratio = base && base !== one ? `${(median(one) / median(base)).toFixed(2)} × ${base.tool}` : "";
      return [i === 0 ? scenario : "", one.tool, one.seconds, ratio, one.counts];
    });
  });
  return [HEADS, HEADS.map(() => "---"), ...cells].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

function rowOf({ scenario, tool, seconds, counts }: Figure): Row {
  const sorted = [...seconds].sort((a, b) => a - b);
  const [least, middle, most] = [0, Math.floor(sorted.length / 2), sorted.length - 1].map((at) =>
    (sorted[at] as number).toFixed(2),
  );
  return { scenario, tool, counts, seconds: `${middle} (${least} to ${most})` };
}

/** Reads the lines of a table that was written before. A line without a scenario is one of the scenario above. */
function rowsOf(text: string): Row[] {
  let scenario = "";
  const lines = text.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) => {
    const [first = "", tool = "", seconds = "", , counts = ""] = line
      .split("|")
      .slice(1)
      .map((cell) => cell.trim());
    scenario = first || scenario;
    return { scenario, tool, seconds, counts };
  });
}

function median({ seconds }: Row): number {
  return Number.parseFloat(seconds);
}
