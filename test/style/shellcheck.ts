import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A script, and where it comes from. */
export interface Script {
  readonly from: string;
  /** A script for the POSIX sh of a host, unless its first line names another shell. */
  readonly text: string;
}

/** The findings that are no faults here, and why. Every other finding of shellcheck is a fault. */
const MEANT: Readonly<Record<string, string>> = {
  SC1091: "a host's own file that is read (os-release) is not here to be followed",
  SC2015: "`A && B || C`: C is for whichever of the two failed",
  SC2016: "single quotes keep what another shell, awk or sed is to expand",
  SC2317: "a script brings the functions of a group, and may need only some of them",
  SC2187: "the initrd's shell is busybox's, of which dash is the nearest relative that it knows",
};

interface Comment {
  readonly file: string;
  readonly line: number;
  readonly code: number;
  readonly message: string;
}

/**
 * Returns shellcheck's findings in these scripts and in the scripts inside them, a line each. One process checks all of
 * them.
 */
export function findings(scripts: readonly Script[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), "lvs-shellcheck-"));
  try {
    const files = new Map<string, Script>();
    for (const { from, text } of withNested(scripts)) {
      // Dash's additions to POSIX count as findings: sh may be another shell on a host.
      const script = { from, text: text.startsWith("#!") ? text : `#!/bin/sh\n${text}\n` };
      const file = join(folder, `${files.size}`);
      writeFileSync(file, script.text);
      files.set(file, script);
    }
    return comments([...files.keys()]).map(({ file, line, code, message }) => {
      const { from, text } = files.get(file) as Script;
      return `${from}: SC${code}: ${message}: ${text.split("\n")[line - 1]?.trim()}`;
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The scripts, and those that they pass to a shell of their own. Each text once. */
function withNested(scripts: readonly Script[]): Script[] {
  const all = scripts.flatMap((script) => [script, ...nested(script)]);
  return [...new Map(all.map((script) => [script.text, script])).values()];
}

/** The scripts in single quotes, as `quote` writes them. */
function nested({ from, text }: Script): Script[] {
  return [...text.matchAll(/\bsh (?:-e )?-c '((?:[^']|'\\'')*)'/g)].map(([, inner = ""]) => ({
    from,
    text: inner.replaceAll("'\\''", "'"),
  }));
}

function comments(files: readonly string[]): Comment[] {
  const options = ["--norc", "--format=json1", `--exclude=${Object.keys(MEANT)}`];
  const { stdout, stderr, status, error } = spawnSync("shellcheck", [...options, ...files], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  // Exit status 1 means that there are findings.
  if (status !== 0 && status !== 1) throw error ?? new Error(`shellcheck: exit ${status}: ${stderr}`);
  return (JSON.parse(stdout) as { comments: Comment[] }).comments;
}
