import { readFile, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { cached, root } from "./cache.js";
import { ensurePrograms } from "./machine.js";
import { inOwnNetwork, whyNoOwnNetwork } from "./own-network.js";
import { ensureToolchain } from "./toolchain/index.js";

/** What is measured beside us: the newest of these that the registry has, kept until another one is asked for here. */
const PEERS = ["pyinfra==3.10.0", "ansible-core==2.19.14", "mitogen==0.3.54"];

/** What test/bench tells of each scenario and tool. */
interface Figure {
  readonly scenario: string;
  readonly tool: string;
  readonly seconds: readonly number[];
  readonly counts: string;
}

const page = join(root, "docs", "performance.md");
const [BEGIN, END] = ["<!-- figures of `npm run bench` -->", "<!-- end of the figures -->"];

/** Measures us and our peers in turn. A whole run writes its figures into docs/performance.md. */
export async function bench(questions: readonly string[], quick: boolean): Promise<number> {
  const why = await whyNoOwnNetwork();
  if (why) throw new Error(`npm run bench: ${why}`);
  const toolchain = await ensureToolchain();
  const { folder, problem } = await peers();
  const files = questions.map((question) => join("test", "bench", `${question}.bench.ts`));
  const only = files.length > 0 ? ["--runTestsByPath", ...files] : [];
  const { command, args, env } = inOwnNetwork("jest", ["--selectProjects", "bench", "--runInBand", ...only]);
  const done = await execa(command, args, {
    ...{ cwd: root, preferLocal: true, reject: false, stdio: ["ignore", "inherit", "inherit", "pipe"] },
    env: {
      ...env,
      LVS_TOOLCHAIN: JSON.stringify(toolchain),
      LVS_BENCH_PEERS: await versions(folder),
      LVS_BENCH_FIGURES: "3",
      ...(quick && { LVS_BENCH_QUICK: "1" }),
    },
  });
  const lines = String(done.stdio[3] ?? "")
    .split("\n")
    .filter(Boolean);
  const figures = lines.map((line) => JSON.parse(line) as Figure);
  const text = table(figures, problem);
  console.log(text);
  if (!quick && questions.length === 0 && done.exitCode === 0) {
    const before = await readFile(page, "utf8");
    const [head, tail] = [before.split(BEGIN)[0] ?? "", before.split(END)[1] ?? ""];
    await writeFile(page, `${head}${BEGIN}\n\n${text}\n${END}${tail}`);
  }
  return done.exitCode ?? 1;
}

/** Installs the peers. Where the registry has none, the table says so. */
async function peers(): Promise<{ folder: string; problem: string }> {
  await ensurePrograms("the peers of the benchmarks", { python3: "python3", ssh: "openssh-client" });
  try {
    const folder = await cached("peers", PEERS, async (making) => {
      await execa("python3", ["-m", "venv", "--copies", making]);
      await execa(join(making, "bin", "python"), ["-m", "pip", "install", "--quiet", ...PEERS]);
    });
    return { folder, problem: "" };
  } catch (error) {
    return { folder: "", problem: `not measured: ${PEERS.join(", ")}: ${(error as Error).message.split("\n")[0]}` };
  }
}

async function versions(folder: string): Promise<string> {
  if (!folder) return "{}";
  const site = "import sysconfig; print(sysconfig.get_path('purelib'))";
  const { stdout } = await execa(join(folder, "bin", "python"), ["-c", site]);
  const of = Object.fromEntries(PEERS.map((peer) => peer.split("==")));
  return JSON.stringify({ folder, versions: { ...of, site: stdout.trim() } });
}

/** The figures as a table: medians with spread, and how they compare to the first tool of each scenario. */
function table(figures: readonly Figure[], problem: string): string {
  const scenarios = [...new Set(figures.map(({ scenario }) => scenario))];
  const rows = scenarios.flatMap((scenario) => {
    const of = figures.filter((one) => one.scenario === scenario);
    const base = of.find(({ tool }) => tool.startsWith("pyinfra")) ?? of.find(({ tool }) => tool.startsWith("bare"));
    return of.map((one, i) => {
      const ratio = base && base !== one ? `${(median(one) / median(base)).toFixed(2)} × ${base.tool}` : "";
      return [i === 0 ? scenario : "", one.tool, seconds(one), ratio, one.counts];
    });
  });
  const heads = ["scenario", "tool", "seconds: median (least to most)", "ratio", "counted"];
  const all = [heads, heads.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
  const date = new Date().toISOString().slice(0, 10);
  const machine = `${date}, ${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, Node.js ${process.version}`;
  return `${machine}${problem && `; ${problem}`}\n\n${all}\n`;
}

function median({ seconds }: Figure): number {
  return [...seconds].sort((a, b) => a - b)[Math.floor(seconds.length / 2)] as number;
}

function seconds(one: Figure): string {
  const [least, most] = [Math.min(...one.seconds), Math.max(...one.seconds)];
  return `${median(one).toFixed(2)} (${least.toFixed(2)} to ${most.toFixed(2)})`;
}
