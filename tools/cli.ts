export async function main(args: string[]): Promise<void> {
  throw new Error(`unknown command: ${args.join(" ")}`);
}
