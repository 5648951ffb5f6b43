import { Command } from "commander";
import { ensureArtefact } from "./artefact.js";
import { mayBeStack } from "./backend.js";
import { bench } from "./bench.js";
import {
  clientNumber,
  type Debian,
  debianNumber,
  labConsole,
  labDown,
  labRun,
  labSsh,
  labStatus,
  labUp,
} from "./lab/index.js";
import { pictures } from "./pictures.js";
import { reference } from "./reference/index.js";
import { release } from "./release.js";
import { restore, save, saves } from "./saves.js";
import { forgetStack, prepareStack } from "./stacks.js";
import { start } from "./start.js";
import { test } from "./test/index.js";
import { awaitToolchain, beginToolchain, ensureToolchain } from "./toolchain/index.js";
import { types } from "./types.js";

/** The process ends with the status that the work returns. */
async function runs(work: Promise<number>): Promise<void> {
  process.exitCode = await work;
}

/** Runs a command of package.json other than `pulumi`. */
export async function run(args: string[]): Promise<void> {
  const program = new Command("npm run").enablePositionalOptions().helpOption(false);
  program
    .command("start")
    .argument("[experiment]", "", "nat")
    .option("--stack <name>")
    .option("--debian <number>", "", debianNumber)
    .action((experiment: string, { stack, debian }: { stack?: string; debian?: Debian }) =>
      runs(start(experiment, stack, debian)),
    );
  program
    .command("test")
    .argument("[tiers or files...]")
    .option("-t, --name <pattern>")
    .action((words: string[], { name }: { name?: string }) => runs(test(words, name)));
  program
    .command("bench")
    .argument("[questions...]")
    .option("--quick")
    .action((questions: string[], { quick }: { quick?: boolean }) => runs(bench(questions, Boolean(quick))));
  program.command("types").action(() => runs(types()));
  program.command("build").action(async () => {
    await ensureToolchain();
  });
  program
    .command("release")
    .option("--dry-run")
    .action((options: { dryRun?: boolean }) => runs(release(options)));
  program.command("docs").action(() => runs(reference()));
  program.command("pictures").action(() => runs(pictures()));
  program.command("artefact").action(async () => {
    const { path, sha256 } = await ensureArtefact();
    console.log(`${path}\nsha256 ${sha256}`);
  });

  labCommands(program);

  await program.parseAsync(args, { from: "user" });
}

function labCommands(program: Command): void {
  const lab = program.command("lab").enablePositionalOptions();
  lab
    .command("up")
    .argument("<stack>")
    .option("--routed <vm...>")
    .option("--clients <number>", "", clientNumber)
    .option("--debian <number>", "", debianNumber)
    .action(async (stack: string, options: { routed?: string[]; clients?: number; debian?: Debian }) => {
      beginToolchain();
      await labUp(stack, options);
      await prepareStack(stack, {}, await awaitToolchain());
    });
  lab
    .command("down")
    .argument("[stack]")
    .option("--all")
    .action(async (stack: string | undefined, { all }: { all?: boolean }) => {
      for (const name of stack && !all ? [stack] : (await labStatus()).map((found) => found.stack)) {
        // Machines that Pulumi never made need no tool chain to go, which may have to be built.
        if (mayBeStack(name)) await forgetStack(name, await ensureToolchain());
        await labDown(name);
      }
    });
  lab.command("status").action(async () => {
    for (const { stack, up, guests } of await labStatus()) {
      const machines = guests.map(({ name, state }) => `${name} ${state}`).join(", ");
      console.log(
        `${stack}: ${up ? "up" : `down: npm run lab -- up ${stack} repairs it`}${machines && ` (${machines})`}`,
      );
    }
  });
  lab.command("save").argument("<stack>").argument("<name>").action(save);
  lab.command("restore").argument("<stack>").argument("<name>").action(restore);
  lab.command("saves").action(async () => {
    for (const line of await saves()) console.log(line);
  });
  lab
    .command("run")
    .argument("<stack>")
    .argument("<command...>")
    .option("--client <number>", "", Number)
    .passThroughOptions()
    .action((stack: string, command: string[], options: { client?: number }) => runs(labRun(stack, command, options)));
  lab
    .command("ssh")
    .argument("<stack/vm>")
    .argument("[command...]")
    .passThroughOptions()
    .action((vm: string, command: string[]) => runs(labSsh(vm, command)));
  lab
    .command("console")
    .argument("<stack/vm>")
    .action((vm: string) => runs(labConsole(vm)));
}
