import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A test that runs ldirectord: skipped where there is none. */
export const withLdirectord = spawnSync("ldirectord", ["--version"]).error === undefined ? test : test.skip;

/**
 * Makes one ldirectord judge every file that it is given, each in a process of its own. Perl takes much longer to compile
 * ldirectord than ldirectord takes for a file. A block INIT runs between the two.
 */
const JUDGING = `package Judging;
INIT {
  while (defined(my $file = shift @ARGV)) {
    my $judge = fork() // die "fork: $!";
    if ($judge == 0) {
      open(STDOUT, ">", "$file.said") && open(STDERR, ">&", \\*STDOUT) or die "$file.said: $!";
      @ARGV = ($file, "status");
      return;
    }
    waitpid($judge, 0);
    print $? >> 8, "\\n";
  }
  exit 0;
}
1;
`;

/** What ldirectord ends with and says for each text, as its configuration. */
export function judgedByLdirectord(texts: readonly string[]): { readonly exit: number; readonly said: string }[] {
  const folder = mkdtempSync(join(tmpdir(), "lvs-ldirectord-"));
  try {
    writeFileSync(join(folder, "Judging.pm"), JUDGING);
    const files = texts.map((text, i) => {
      // Where the configuration has its logs, ldirectord makes them.
      writeFileSync(join(folder, `${i}.cf`), text.replaceAll('"/tmp/', `"${folder}/`));
      return join(folder, `${i}.cf`);
    });
    const judging = ["-I", folder, "-MJudging", "-S", "ldirectord", ...files];
    // Without this variable ldirectord sets it and starts itself anew.
    const env = { ...process.env, PERLIO: "perlio" };
    const { stdout, stderr } = spawnSync("perl", judging, { env, encoding: "utf8" });
    const exits = stdout.trim().split("\n").map(Number);
    if (exits.length !== texts.length) throw new Error(`not every file was judged: ${stdout}${stderr}`);
    return files.map((file, i) => ({ exit: exits[i] as number, said: readFileSync(`${file}.said`, "utf8") }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
