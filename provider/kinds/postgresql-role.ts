import { z } from "zod";
import { Secret } from "../host/command";
import { identifier, lookUpOne, noAnswer, parseOne, serverPort, sqlStep, type Unknown } from "../linux/psql";
import { scramVerifier, verifies } from "../linux/scram";
import type { Kind, Step } from "../reconcile/kind";

interface Want {
  name: string;
  password: string;
  /** Always true; here so that a role which went away shows as a difference. */
  login: true;
  port: number;
  deleteData: boolean;
}

interface Role {
  readonly is: "role";
  readonly login: boolean;
  /** As PostgreSQL keeps it; null where it has no password. */
  readonly verifier: string | null;
}

type Seen = Role | { readonly is: "nothing" } | Unknown;

/** Reported in the place of a password of which only that much can be known. */
const OTHER = "another password than declared";

/** A role of PostgreSQL that logs in with a password. Deleting keeps it, unless `deleteData` says otherwise. */
export const postgresqlRole: Kind<Want, Seen> = {
  name: "PostgresqlRole",
  inputs: z.object({
    name: identifier.refine(
      (name) => !/^(pg_.*|postgres|public|none)$/.test(name),
      "is PostgreSQL's own: choose another name",
    ),
    // SASLprep (RFC 4013) leaves these as they are.
    password: z.string().regex(/^[ -~]{1,256}$/, "a password has 1 to 256 characters of printable ASCII"),
    login: z.literal(true).default(true),
    port: serverPort,
    deleteData: z.boolean().default(false),
  }),
  identity: (want) => want.name,

  observe({ had, want }) {
    const { name, port } = (want ?? had) as Want;
    const select = `SELECT 'role' AS is, rolcanlogin AS login, rolpassword AS verifier FROM pg_authid WHERE rolname = '${name}'`;
    return [lookUpOne(select, port)];
  },

  read: ([reply]) => parseOne<Role>(reply) ?? { is: "nothing" },

  plan({ had, want, found }, seen) {
    if (!want) return putBack(had as Want, found, seen);
    const { name, port, password } = want;
    if (seen.is === "unknown") throw noAnswer(seen, port);
    if (seen.is === "nothing") {
      const sql = `CREATE ROLE "${name}" LOGIN PASSWORD '${scramVerifier(password)}';\n`;
      return [sqlStep(new Secret(sql), port, `creating the role ${name}`)];
    }
    return [
      ...(seen.login ? [] : [login(want, true)]),
      ...(verifies(seen.verifier, password) ? [] : [setPassword(want, scramVerifier(password))]),
    ];
  },

  report(want, seen) {
    if (seen.is !== "role") return { login: false };
    return { login: seen.login, password: verifies(seen.verifier, want.password) ? want.password : OTHER };
  },
};

function login({ name, port }: Want, may: boolean): Step {
  const purpose = `${may ? "letting the role" : "no longer letting the role"} ${name} log in`;
  return sqlStep(`ALTER ROLE "${name}" ${may ? "LOGIN" : "NOLOGIN"};\n`, port, purpose);
}

function setPassword({ name, port }: Want, verifier: string | null): Step {
  const sql = `ALTER ROLE "${name}" PASSWORD ${verifier === null ? "NULL" : literal(verifier)};\n`;
  return sqlStep(new Secret(sql), port, `setting the password of the role ${name}`);
}

/** A verifier that was found may be of another kind than ours. */
function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A server that does not answer is no hindrance to leaving things as they are. */
function putBack(had: Want, found: Seen | undefined, seen: Seen): Step[] {
  if (found?.is === "role") {
    if (seen.is !== "role") return [];
    return [
      ...(seen.login === found.login ? [] : [login(had, found.login)]),
      ...(seen.verifier === found.verifier ? [] : [setPassword(had, found.verifier)]),
    ];
  }
  if (!had.deleteData || seen.is === "nothing") return [];
  return [
    sqlStep(`DROP ROLE "${had.name}";\n`, had.port, `dropping the role ${had.name}`, ({ stderr }) =>
      /depend/.test(stderr)
        ? `Give what it owns to another role (REASSIGN OWNED), or declare deleteData: false, and it stays`
        : undefined,
    ),
  ];
}
