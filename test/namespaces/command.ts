import "../starter";

/** Runs a command on this machine, inside the tier's own network. */
export async function command(argv: readonly string[], input = ""): Promise<string> {
  const { status, stdout, stderr } = await starter().run(argv, input);
  if (status !== 0) throw new Error(`${argv.join(" ")}: exit ${status}: ${stderr}${stdout}`);
  return stdout;
}
