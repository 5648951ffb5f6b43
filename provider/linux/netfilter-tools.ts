import { LvsError } from "../host/errors";

// The tools by which a host's netfilter rules are read and made. A rule is known to the tool that made it: without nft nobody sees
// its tables, and nft does not show the comments of iptables' rules.

/** Exit status of a look that needs a tool where there is none. */
export const NO_TOOL = 127;
export const INSTALL = "Install nftables, with a Package for instance";

const TOOLS = ["nft", ...["iptables", "ip6tables"].flatMap((one) => [one, `${one}-nft`, `${one}-legacy`])];

/** Shell: prints which tools are there, a line each. No program is started for that. */
export const TOOLS_THERE = `for tool in ${TOOLS.join(" ")}; do ! command -v "$tool" >/dev/null || echo "tool $tool"; done`;

/** Reads what `TOOLS_THERE` and what comes after it have printed. */
export function toolsOf(output: string): { tools: readonly string[]; rest: readonly string[] } {
  const lines = output.split("\n");
  const isTool = (line: string) => TOOLS.includes(line.replace(/^tool /, "")) && line.startsWith("tool ");
  return {
    tools: lines.filter(isTool).map((line) => line.slice("tool ".length)),
    rest: lines.filter((line) => !isTool(line)),
  };
}

/**
 * Throws where a tool that has made rules is gone: they would stay in the kernel, and be forgotten.
 *
 * @param makers the tools that have made the rules
 * @param now the tools that are there
 */
export function refuseWithoutMaker(makers: readonly string[], now: readonly string[] = []): void {
  const gone = makers.filter((one) => TOOLS.includes(one) && !now.includes(one));
  if (gone.length > 0)
    throw new LvsError(
      `the rules were made by ${gone.join(" and ")}, which ${gone.length > 1 ? "are" : "is"} not installed any more, and nothing ` +
        `else shows them: install ${gone.includes("nft") ? "nftables" : "iptables"} again, and run again`,
    );
}
