import { Command } from "commander";
import { closeAtOnce } from "pulumi-lvs-provider/operations";
import type { Sdk } from "./adopt/program";
import { adopt } from "./commands/adopt";
import { claims } from "./commands/claims";
import { completion, isCompletion } from "./commands/completion";
import { doctor } from "./commands/doctor";
import { bringBack, drain } from "./commands/drain";
import { graph } from "./commands/graph";
import { status } from "./commands/status";
import { watch } from "./commands/watch";
import { EXIT, endWithReader, failed } from "./ending";

/** Adds a command to the program. Each file of `commands/` exports one. */
type AddCommand = (program: Command, sdk: Sdk) => void;

export {
  type Declaration,
  DigestOf,
  HostNamed,
  type Registered,
  type Registering,
  type Sdk,
  SecretNamed,
  Text,
  type Value,
} from "./adopt/program";

const commands: readonly AddCommand[] = [status, watch, drain, bringBack, doctor, claims, graph, adopt];

/** The command `pulumi-lvs`. */
export async function main(args: readonly string[], sdk: Sdk): Promise<void> {
  endWithReader();
  // What the provider tells while it works, as the progress of a drain. Standard output has the answer alone.
  if (!isCompletion(args)) console.log = console.error;
  const program = programOf(sdk);
  await completion(program);
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    // Words after a wrong one are not read.
    process.exitCode = failed(error, program.opts().json === true || args.includes("--json"));
  } finally {
    closeAtOnce();
  }
}

/** The program with all of its commands, but for the completion of them. */
export function programOf(sdk: Sdk): Command {
  const program = new Command("pulumi-lvs")
    .description("Shows and operates the Linux Virtual Server sites of a Pulumi stack.")
    .option("-s, --stack <name>", "the stack; default: the one that is selected")
    .option("-C, --cwd <folder>", "the folder of the Pulumi project", ".")
    .option("--json", "answer in JSON")
    .showSuggestionAfterError()
    .addHelpText("after", EXIT_HELP)
    .exitOverride();
  if (sdk.version !== undefined) program.version(sdk.version, "--version", "the version of pulumi-lvs");
  for (const add of commands) add(program, sdk);
  return program;
}

const EXIT_HELP = `
Exit status:
  ${EXIT.done}  done, and all is as declared
  ${EXIT.failed}  it failed: the reason is on standard error, with --json as "error" on standard output
  ${EXIT.usage}  the words of the command line are wrong: said in the same places
  ${EXIT.differs}  something is not as declared, is out, or was not reached`;
