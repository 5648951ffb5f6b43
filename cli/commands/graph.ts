import { setTimeout } from "node:timers/promises";
import { type Command, Option } from "commander";
import { statusOf } from "pulumi-lvs-provider/operations";
import { print } from "../ending";
import { mermaid } from "../graph/mermaid";
import { outputFile, replace } from "../graph/output";
import { page } from "../graph/page";
import { svg } from "../graph/svg";
import { topologyOf } from "../graph/topology";
import { number } from "../number";
import { previewedState, stackState } from "../stack";
import type { StackState } from "../state";

type Format = "mermaid" | "svg" | "html";

interface Options {
  readonly format?: Format;
  readonly output?: string;
  readonly now?: true;
  readonly program?: true;
  readonly live?: true;
  readonly every: number;
  readonly times?: number;
}

/** `graph`: a picture of the stack's sites. */
export function graph(program: Command): void {
  program
    .command("graph")
    .description(
      "a picture of the sites: the ways of requests and of answers; from the state, as the hosts say now, or from the program",
    )
    .addOption(
      new Option("--format <format>", "mermaid, svg, or html: a page with the picture and the figures of status")
        .choices(["mermaid", "svg", "html"])
        .default("mermaid"),
    )
    .option("-o, --output <file>", "write it there; default: to standard output")
    .option("--now", "ask the hosts what is out, who fails its check, who has the VIP; html always does")
    .option("--program", "what the program declares, by a preview: nothing has to be up, and no host is asked")
    .option("--live", "write the page again and again, and have the browser read it again; ends with Ctrl-C")
    .option("--every <seconds>", "how often", number, 5)
    .option("--times <number>", "end after so many", number)
    .action(async (options: Options, command: Command) => {
      // What the user names is there, not in the project's folder.
      const output = options.output === undefined ? undefined : outputFile(options.output);
      const { format = "mermaid", live, now, program: declared } = options;
      if (live && (format !== "html" || output === undefined))
        command.error("error: --live writes a page again and again: say --format html, and where by --output");
      const idle = ["every", "times"].find((name) => command.getOptionValueSource(name) === "cli");
      if (!live && idle !== undefined)
        command.error(
          `error: --${idle} is for --live: say --live --format html, and where by --output, or leave it out`,
        );
      if (declared && (now || format === "html"))
        command.error("error: --program asks no host: leave --now out, and say --format svg or mermaid");
      const state = await (declared ? previewedState(command) : stackState(command));
      if (live) return goOn(state, output as string, options);
      const picture = await pictureOf(state, format, now === true);
      const isJson = command.optsWithGlobals().json;
      if (output !== undefined) replace(output, picture);
      if (isJson) print(output === undefined ? { [format]: picture } : { output });
      else if (output === undefined) process.stdout.write(picture);
    });
}

async function pictureOf(state: StackState, format: Format, now: boolean): Promise<string> {
  if (format === "html") return page(state, await statusOf(state.resources), { at: new Date() });
  const status = now ? await statusOf(state.resources) : undefined;
  const topology = topologyOf(state, status);
  return format === "svg" ? svg(topology) : mermaid(topology);
}

/** The last page that is written has no refresh any more: nobody writes it again. */
async function goOn(state: StackState, output: string, { every, times = Number.POSITIVE_INFINITY }: Options) {
  const ending = new AbortController();
  process.once("SIGINT", () => ending.abort());
  for (let time = 1; ; time++) {
    const at = new Date();
    const status = await statusOf(state.resources);
    const isLast = time >= times || ending.signal.aborted;
    replace(output, await page(state, status, isLast ? { at } : { at, every }));
    if (time === 1) process.stderr.write(`${output} shows the stack, anew every ${every} s; Ctrl-C ends that\n`);
    if (isLast) return;
    await setTimeout(every * 1000, undefined, { signal: ending.signal }).catch(() => {});
  }
}
