import { spawn } from "node:child_process";

/** Runs a command on this machine, inside the tier's own network. */
export function command(argv: readonly string[], input = ""): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0] as string, argv.slice(1), { stdio: ["pipe", "pipe", "pipe"] });
    const said: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => said.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => errors.push(chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      const stdout = Buffer.concat(said).toString();
      if (code === 0) resolve(stdout);
      else reject(new Error(`${argv.join(" ")}: exit ${code}: ${Buffer.concat(errors)}${stdout}`));
    });
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}
