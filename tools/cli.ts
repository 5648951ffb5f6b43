import { Command } from "commander";
import { ensureArtefact } from "./artefact.js";
import { clientNumber, labConsole, labDown, labRun, labSsh, labStatus, labUp } from "./lab/index.js";
import { pulumi } from "./pulumi.js";
import { reference } from "./reference/index.js";
import { release } from "./release.js";
import { restore, save, saves } from "./saves.js";
import { forgetStack, prepareStack } from "./stacks.js";
import { start } from "./start.js";
import { test } from "./test/index.js";
import { tiersHelp } from "./test/tiers.js";
import { abandonToolchain, awaitToolchain, beginToolchain, ensureToolchain } from "./toolchain/index.js";
import { types } from "./types.js";

/** The commands behind `npm start`, `npm test`, `npm run lab` and the others of package.json. */
export async function main(args: string[]): Promise<void> {
  const program = new Command("npm run").enablePositionalOptions();
  const runs = async (work: Promise<number>) => {
    process.exitCode = await work;
  };

  program
    .command("start")
    .argument("[experiment]", "which experiment", "nat")
    .description("bring up an experiment in the embedded lab and show its traffic")
    .option("--stack <name>", "the stack's name; default: the experiment's")
    .action((experiment: string, options: { stack?: string }) => runs(start(experiment, options.stack)));
  program
    .command("test")
    .argument("[tiers or files...]", "only these tiers, or only these files of tests")
    .description("all tests; ends with how long they took and what failed")
    .option("-t, --name <pattern>", "only tests whose names match")
    .addHelpText("after", `\n${tiersHelp()}`)
    .action((words: string[], { name }: { name?: string }) => runs(test(words, name)));
  program
    .command("types")
    .description("check the types of everything: the packages, the tools, the examples and the tests")
    .action(() => runs(types()));
  program
    .command("build")
    .description("install and compile")
    .action(async () => {
      await ensureToolchain();
    });
  program
    .command("release")
    .description("pack what is published, try it as a new user does, and publish it")
    .option("--dry-run", "all but the publishing")
    .action((options: { dryRun?: boolean }) => runs(release(options)));
  program
    .command("docs")
    .description("make the reference of the SDK, with the guides beside it: docs/.site/index.html")
    .action(() => runs(reference()));
  program
    .command("pulumi")
    .argument("[args...]")
    .description("the Pulumi CLI in the right environment and namespace")
    .passThroughOptions()
    .allowUnknownOption()
    .helpOption(false)
    .action((rest: string[]) => runs(pulumi(rest)));

  program
    .command("artefact")
    .description("build the shop of examples/shop, and say where it lies")
    .action(async () => {
      const { path, sha256 } = await ensureArtefact();
      console.log(`${path}\nsha256 ${sha256}`);
    });

  const lab = program.command("lab").description("the embedded lab").enablePositionalOptions();
  lab
    .command("up")
    .argument("<stack>")
    .option("--routed <vm...>", "guests to manage over their default route, so that a wrong one cuts us off")
    .option(
      "--clients <number>",
      "client hosts on the LAN, 0 to 50; default: as many as the lab has, at first 2",
      clientNumber,
    )
    .action(async (stack: string, options: { routed?: string[]; clients?: number }) => {
      beginToolchain();
      await labUp(stack, options);
      await prepareStack(stack, {}, await awaitToolchain());
    });
  lab
    .command("down")
    .argument("[stack]")
    .action(async (stack?: string) => {
      const toolchain = await ensureToolchain();
      for (const name of stack ? [stack] : (await labStatus()).map((found) => found.stack)) {
        await forgetStack(name, toolchain);
        await labDown(name);
      }
    });
  lab.command("status").action(async () => {
    for (const { stack, up, guests } of await labStatus()) {
      const machines = guests.map(({ name, state }) => `${name} ${state}`).join(", ");
      console.log(`${stack}: ${up ? "up" : "down: npm run lab -- up repairs it"}${machines && ` (${machines})`}`);
    }
  });
  lab
    .command("save")
    .description("keep a stack's guests, keys, state and configuration as they are now, outside the checkout")
    .argument("<stack>")
    .argument("<name>")
    .action(save);
  lab
    .command("restore")
    .description("bring a stack's lab into a state that was saved, in the place of what is there")
    .argument("<stack>")
    .argument("<name>")
    .action(restore);
  lab
    .command("saves")
    .description("what was saved, and whether it can be restored here")
    .action(async () => {
      for (const line of await saves()) console.log(line);
    });
  lab
    .command("run")
    .argument("<stack>")
    .argument("<command...>")
    .option("--client <number>", "from this client host", Number)
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

  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  } finally {
    abandonToolchain();
  }
}
