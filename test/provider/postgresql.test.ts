import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "../../provider/host/command";
import { kinds } from "../../provider/kinds";
import { scramVerifier, verifies } from "../../provider/linux/scram";
import type { Kind } from "../../provider/reconcile/kind";

// PostgreSQL 15 made this verifier of the password "right one".
const MADE_BY_POSTGRESQL =
  "SCRAM-SHA-256$4096:PhrhGYKBge08wgeHdzLqjg==$25Cn0PZGEvm5ZXwDrqtieGuGfEW2dQN2PMSlZxcTfWg=:VGQ3uGbdUJfavyRQss0MSZ4GF2h6vs/oWIGhKGReKUg=";

test("a verifier verifies its password alone, whoever made it", () => {
  for (const verifier of [MADE_BY_POSTGRESQL, scramVerifier("right one")]) {
    expect(verifies(verifier, "right one")).toBe(true);
    expect(verifies(verifier, "Right one")).toBe(false);
  }
  expect(scramVerifier("right one")).not.toBe(scramVerifier("right one"));
});

test.each([
  null,
  "",
  "right one",
  "md5e074991bb3dce04464eb1384fc063940",
  MADE_BY_POSTGRESQL.replace("4096", "999999999"),
  MADE_BY_POSTGRESQL.replace("4096", "0"),
  MADE_BY_POSTGRESQL.slice(0, -3),
])("%s verifies nothing, and keeps nobody busy", (verifier) => {
  expect(verifies(verifier, "right one")).toBe(false);
});

const role = kinds.get("PostgresqlRole") as Kind;
const want = role.inputs.parse({ name: "shop", password: "right one" });

test.each([
  ["creating", { is: "nothing" }, /^CREATE ROLE "shop" LOGIN PASSWORD '(SCRAM-SHA-256\$[^']+)';\n$/],
  ["changing", { is: "role", login: true, verifier: null }, /^ALTER ROLE "shop" PASSWORD '(SCRAM-SHA-256\$[^']+)';\n$/],
])("%s: a verifier is sent in the password's place, on standard input, as a secret", (_, seen, sql) => {
  const [step, ...more] = role.plan({ want }, seen);
  expect(more).toEqual([]);
  const { argv, stdin } = step?.run ?? {};
  expect(stdin).toBeInstanceOf(Secret);
  const [, verifier = ""] = sql.exec((stdin as Secret).reveal()) ?? [];
  expect(verifies(verifier, "right one")).toBe(true);
  expect(`${argv} ${stdin}`).not.toMatch(/right one|SCRAM/);
});

test("the server is the host's own, whatever server the variables of whoever logs in name", () => {
  const folder = mkdtempSync(join(tmpdir(), "lvs-psql-"));
  try {
    writeFileSync(join(folder, "runuser"), "#!/bin/sh\nenv | grep ^PG\n", { mode: 0o755 });
    const [ask] = role.look({ want }).ask;
    const others = { PGHOST: "db.example", PGPORT: "6432", PGSERVICE: "shop", PGUSER: "me\nPGDATABASE=mine" };
    const env = { ...others, PATH: `${folder}:${process.env.PATH}` };
    const [program = "", ...words] = ask?.argv ?? [];
    expect(spawnSync(program, words, { env, encoding: "utf8", input: "" }).stdout).toBe("PGOPTIONS=-c lc_messages=C\n");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const unknown: [said: string, advice: RegExp][] = [
  [
    'psql: error: connection to server on socket "/s" failed: No such file or directory',
    /Does PostgreSQL run, on port 5432/,
  ],
  [
    'psql: error: connection to server on socket "/s" failed: FATAL:  Peer authentication failed for user "postgres"',
    /pg_hba/,
  ],
  ['psql: error: connection to server on socket "/s" failed: FATAL:  the database system is starting up', /its log/],
  ["runuser: failed to execute psql: No such file or directory", /Is PostgreSQL installed/],
  ["runuser: user postgres does not exist", /Is PostgreSQL installed/],
  [
    "ERROR:  permission denied for table pg_authid",
    /^asking PostgreSQL on port 5432 as the user postgres: ERROR: [^?]*$/,
  ],
];
test.each(unknown)("%s: an error with its advice, before anything is changed", (stderr, advice) => {
  const seen = role.look({ want }).read([{ exit: 2, stdout: "", stderr }]);
  expect(() => role.plan({ want }, seen)).toThrow(advice);
});
