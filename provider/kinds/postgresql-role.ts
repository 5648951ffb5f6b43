import { z } from "zod";
import { Secret } from "../host/command";
import { map } from "../host/fact";
import {
  identifier,
  noAnswer,
  onServer,
  refuseUnanswered,
  selectOne,
  serverPort,
  sqlLiteral,
  sqlName,
  sqlStep,
  type Unknown,
} from "../linux/psql";
import { scramVerifier, verifies } from "../linux/scram";
import type { Kind, Step } from "../reconcile/kind";
import { about } from "../reconcile/kind";

interface Want {
  name: string;
  password: string;
  /** Always true. The property is here so that a role that was dropped shows as a difference. */
  login: true;
  port: number;
  deleteData: boolean;
}

interface Role {
  readonly is: "role";
  readonly login: boolean;
  /** The password's verifier as PostgreSQL keeps it; null if the role has no password. */
  readonly verifier: string | null;
}

type Seen = Role | { readonly is: "nothing" } | Unknown;

/** Reported instead of the password if the verifier does not match: the other password cannot be known. */
const OTHER = "another password than declared";

/** A role of PostgreSQL that logs in with a password. A delete keeps the role, unless `deleteData` is true. */
export const postgresqlRole: Kind<Want, Seen> = {
  name: "PostgresqlRole",
  inputs: z.object({
    name: identifier.refine(
      (name) => !/^(pg_.*|postgres|public|none)$/.test(name),
      "is PostgreSQL's own: choose another name",
    ),
    // SASLprep (RFC 4013) does not change these characters.
    password: z.string().regex(/^[ -~]{1,256}$/, "give 1 to 256 characters of printable ASCII"),
    login: z.literal(true).default(true),
    port: serverPort,
    deleteData: z.boolean().default(false),
  }),
  identity: ({ name, port }) => onServer(name, port),
  secrets: ["password"],
  formerly: ({ name }) => ({ identities: [name] }),

  look(change) {
    const { name, port } = about(change);
    const select = `SELECT 'role' AS is, rolcanlogin AS login, rolpassword AS verifier FROM pg_authid WHERE rolname = ${sqlLiteral(name)}`;
    return map(selectOne<Role>(select, port), (there) => there ?? { is: "nothing" });
  },

  plan({ had, want, found }, seen) {
    if (!want) return putBack(had as Want, found, seen);
    const { name, port, password } = want;
    if (seen.is === "unknown") throw noAnswer(seen, port);
    if (seen.is === "nothing") {
      const sql = `CREATE ROLE ${sqlName(name)} LOGIN PASSWORD ${sqlLiteral(scramVerifier(password))};\n`;
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
  return sqlStep(`ALTER ROLE ${sqlName(name)} ${may ? "LOGIN" : "NOLOGIN"};\n`, port, purpose);
}

function setPassword({ name, port }: Want, verifier: string | null): Step {
  const sql = `ALTER ROLE ${sqlName(name)} PASSWORD ${verifier === null ? "NULL" : sqlLiteral(verifier)};\n`;
  return sqlStep(new Secret(sql), port, `setting the password of the role ${name}`);
}

/** If the server does not answer and nothing has to be dropped or put back, there is no step, and the delete succeeds. */
function putBack(had: Want, found: Seen | undefined, seen: Seen): Step[] {
  if (found?.is === "role") {
    const isOurs = found.login && verifies(found.verifier, had.password);
    if (seen.is === "unknown" && !isOurs) refuseUnanswered(seen, had.port);
    if (seen.is !== "role") return [];
    return [
      ...(seen.login === found.login ? [] : [login(had, found.login)]),
      ...(seen.verifier === found.verifier ? [] : [setPassword(had, found.verifier)]),
    ];
  }
  if (!had.deleteData || seen.is === "nothing") return [];
  return [
    sqlStep(`DROP ROLE ${sqlName(had.name)};\n`, had.port, `dropping the role ${had.name}`, ({ stderr }) =>
      /depend/.test(stderr)
        ? `Give what it owns to another role (REASSIGN OWNED), or declare deleteData: false, and it stays`
        : undefined,
    ),
  ];
}
