import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { type Figure, table } from "./bench-table.js";
import { cached, root } from "./cache.js";
import { ensureKernel } from "./kernel/index.js";
import { ensurePrograms } from "./machine.js";
import { inOwnNetwork, whyNoOwnNetwork } from "./own-network.js";
import { ensureToolchain } from "./toolchain/index.js";

/** What is measured beside us: the newest of these that the registry has, kept until another one is asked for here. */
const PEERS = ["pyinfra==3.10.0", "ansible-core==2.19.14", "mitogen==0.3.54"];

const page = join(root, "docs", "performance.md");
const [BEGIN, END] = ["<!-- figures of `npm run bench` -->", "<!-- end of the figures -->"];

/** Measures us and our peers in turn. Writes the figures into docs/performance.md, unless it was quick. */
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
      LVS_KERNEL: await ensureKernel(),
      LVS_BENCH_PEERS: await versions(folder),
      LVS_BENCH_FIGURES: "3",
      ...(quick && { LVS_BENCH_QUICK: "1" }),
    },
  });
  const lines = String(done.stdio[3] ?? "")
    .split("\n")
    .filter(Boolean);
  const figures = lines.map((line) => JSON.parse(line) as Figure);
  const before = await readFile(page, "utf8");
  const [head, rest = ""] = before.split(BEGIN) as [string, string?];
  const [found = "", tail = ""] = rest.split(END);
  // Of a whole run nothing else stays.
  const text = table(figures, questions.length > 0 && !quick ? found : "", problem);
  console.log(text);
  if (!quick && done.exitCode === 0) {
    await writeFile(page, `${head}${BEGIN}\n\n${text}\n${END}${tail}`);
    await execa("biome", ["format", "--write", page], { cwd: root, preferLocal: true });
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
