import { createReadStream } from "node:fs";
import type { ClientChannel } from "ssh2";
import { statistics } from "./statistics";

/** Nothing ran on the host, so the same command may be tried again. */
export class NotStarted extends Error {}

/** The connection was lost after the script, or a part of it, had been sent. */
export class Lost extends Error {}

/** A command that a login shell runs, and its input. */
export interface Execution {
  readonly command: string;
  readonly input: string;
  /** A file of this machine that follows the input. */
  readonly file?: string;
  /** Milliseconds after which the connection is taken for dead. The host should have ended the command before. */
  readonly limit: number;
  /** Whether the output is complete. Asked once the command has exited. */
  isWhole(stdout: string, stderr: string): boolean;
  /** How it runs in a shell that stays open, if it may. */
  readonly kept?: Kept;
}

/** How a script runs in a shell that stays open. */
export interface Kept {
  /** Opens the shell: the command for the login shell, and the input that precedes the first script. */
  readonly opening: { readonly command: string; readonly input: string };
  /** Scripts with the same key can run in the same shell: their users and ways to become root are the same. */
  readonly key: string;
  readonly script: string;
  /** Seconds after which the host ends the script. */
  readonly seconds: number;
  /** The script only looks, so it may run twice. */
  readonly looks: boolean;
  /** Whether the script began to run. */
  began(stdout: string): boolean;
}

export interface ExecutionResult {
  readonly exit: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Bytes of output after which a command is given up, before the output fills the memory of this process. */
export const OUTPUT = 64 * 1024 * 1024;

/** Sends the input of a command to its channel, and collects the output. */
export function execute(channel: ClientChannel, execution: Execution): Promise<ExecutionResult> {
  const outcome = collect(channel, execution);
  feed(channel, execution);
  return outcome;
}

/** Errors of writing are ignored: they mean that the command has ended, and its exit status says more. */
function feed(channel: ClientChannel, { input, file }: Execution): void {
  statistics.sent += input.length;
  if (!file) {
    channel.end(input);
    return;
  }
  if (input) channel.write(input);
  const content = createReadStream(file);
  content.on("data", (some) => {
    statistics.sent += some.length;
  });
  content.on("error", () => channel.close());
  content.pipe(channel);
}

/**
 * Collects the output until the command has exited. sshd closes the channel only after the last process that holds the output
 * has closed it, and a daemon that a step started may hold the output for ever.
 */
function collect(channel: ClientChannel, execution: Execution): Promise<ExecutionResult> {
  return new Promise((resolve, reject) => {
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let size = 0;
    let exit: number | undefined;
    let signal: string | undefined;
    let exited = false;
    // The output is decoded as a whole, because a character may be split between two packets.
    const output = () => ({ stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() });
    const finish = () => resolve({ exit, signal, ...output() });
    const endIfWhole = () => {
      if (!exited) return;
      const { stdout, stderr } = output();
      if (!execution.isWhole(stdout, stderr)) return;
      finish();
      channel.close();
    };
    const take = (chunks: Buffer[]) => (chunk: Buffer) => {
      size += chunk.length;
      statistics.received += chunk.length;
      if (size > OUTPUT) {
        reject(new Lost(`it printed more than ${OUTPUT / 1024 / 1024} MiB`));
        channel.close();
        return;
      }
      chunks.push(chunk);
      endIfWhole();
    };
    channel.on("error", () => {});
    channel.stderr.on("error", () => {});
    channel.on("data", take(stdout));
    channel.stderr.on("data", take(stderr));
    channel.on("exit", (code: number | null, name?: string) => {
      exited = true;
      exit = code ?? undefined;
      signal = name;
      endIfWhole();
    });
    channel.on("close", finish);
  });
}
