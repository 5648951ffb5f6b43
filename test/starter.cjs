// Starts programs for the tests. A worker of jest takes several milliseconds of CPU to start one, because each time all its page
// tables are copied. So each worker has one small process, which starts the programs in its place.
const { spawn } = require("node:child_process");
const { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { createInterface } = require("node:readline");

/**
 * Perl: starts what the folders say that it is told of, and says how each program ended. A program that is talked to reads a pipe of
 * its own, and answers on its standard output.
 */
const STARTER = `
use POSIX qw(_exit mkfifo);
$| = 1;
$SIG{CHLD} = "IGNORE";
my $told = "";
# Without Perl's own buffer: before a program starts, Perl would skip in the program's input what it had read ahead of its own.
while (sysread STDIN, $told, 65536, length $told) {
  while ($told =~ s/^(\\w+) (.*)\\n//) {
    defined(my $child = fork) or die "fork: $!";
    begin($1, $2) if !$child;
  }
}
sub begin {
  my ($how, $folder) = @_;
  $SIG{CHLD} = "DEFAULT";
  chdir $folder or _exit 1;
  open my $words, "<", "words" or _exit 1;
  my @words = do { local $/; split /\\0/, <$words>, -1 };
  close $words;
  if ($how eq "talk") { mkfifo "in", 0600; print "$folder ready\\n"; }
  my $program = fork;
  if (!$program) {
    open STDIN, "<", "in";
    if ($how eq "run") { open STDOUT, ">", "out"; open STDERR, ">", "err"; }
    chdir $words[0];
    exec { $words[1] } @words[1 .. $#words];
    print STDERR "$words[1]: $!\\n";
    _exit 127;
  }
  waitpid $program, 0;
  print "$folder ended ", $? & 127 ? 128 + ($? & 127) : $? >> 8, "\\n";
  _exit 0;
}`;

class Starter {
  #folder = mkdtempSync(join(tmpdir(), "lvs-started-"));
  #heard = new Map();
  // Perl would complain of a locale that is not there.
  #perl = spawn("perl", ["-e", STARTER], {
    env: { ...process.env, PERL_BADLANG: "0" },
    stdio: ["pipe", "pipe", "inherit"],
  });

  constructor() {
    for (const it of [this.#perl, this.#perl.stdin, this.#perl.stdout]) it.unref();
    createInterface(this.#perl.stdout).on("line", (line) => {
      const [, folder, word, rest] = /^(.*) (ready|said|ended) ?(.*)$/.exec(line);
      this.#heard.get(folder)?.(word, rest);
    });
    process.on("exit", () => rmSync(this.#folder, { recursive: true, force: true }));
  }

  /**
   * Runs a program to its end.
   *
   * @returns {Promise<{ status: number, stdout: string, stderr: string }>} of a signal the status is 128 and its number; without the
   *   program it is 127
   */
  async run(argv, input = "") {
    const folder = this.#make(argv);
    writeFileSync(join(folder, "in"), input);
    const status = await new Promise((resolve) => this.#tell("run", folder, (_word, rest) => resolve(Number(rest))));
    const [stdout, stderr] = ["out", "err"].map((name) => readFileSync(join(folder, name), "utf8"));
    this.#forget(folder);
    return { status, stdout, stderr };
  }

  /**
   * Starts a program that is talked to. It answers by lines `FOLDER said LINE`; FOLDER is its last argument. Its errors are shown. Nothing
   * can be said after `end`, which is called once.
   *
   * @param heard is called with each line, and with undefined when the program has ended
   */
  talk(argv, heard) {
    const folder = this.#make(argv, (made) => [...argv, made]);
    const pipe = new Promise((ready) =>
      this.#tell("talk", folder, (word, rest) => {
        // Opened both ways, the pipe does not wait until the program opens its end.
        if (word === "ready") return ready(openSync(join(folder, "in"), "r+"));
        if (word === "ended") this.#forget(folder);
        heard(word === "said" ? rest : undefined);
      }),
    );
    return {
      say: (line) => pipe.then((descriptor) => writeSync(descriptor, `${line}\n`)),
      end: () => pipe.then(closeSync),
    };
  }

  #make(argv, withFolder = () => argv) {
    const folder = mkdtempSync(join(this.#folder, "of-"));
    writeFileSync(join(folder, "words"), [process.cwd(), ...withFolder(folder)].join("\0"));
    return folder;
  }

  #tell(how, folder, heard) {
    this.#heard.set(folder, heard);
    this.#perl.stdin.write(`${how} ${folder}\n`);
  }

  #forget(folder) {
    this.#heard.delete(folder);
    rmSync(folder, { recursive: true });
  }
}

let starter;

/** This worker's one. */
exports.starter = () => (starter ??= new Starter());
