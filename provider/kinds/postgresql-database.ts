import { z } from "zod";
import { sh } from "../host/command";
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
import type { Kind, Step } from "../reconcile/kind";
import { about } from "../reconcile/kind";

interface Want {
  name: string;
  /** The role that owns the database. The name `owner` is taken: it is who declares a resource. */
  role: string;
  encoding: string;
  port: number;
  deleteData: boolean;
}

interface Database {
  readonly is: "database";
  readonly role: string;
  readonly encoding: string;
}

type Seen = Database | { readonly is: "nothing" } | Unknown;

/** The encodings of servers (PostgreSQL, "Character Set Support"). PostgreSQL takes aliases, too, and prints these names. */
const ENCODINGS = [
  ...["EUC_CN", "EUC_JIS_2004", "EUC_JP", "EUC_KR", "EUC_TW", "ISO_8859_5", "ISO_8859_6", "ISO_8859_7", "ISO_8859_8"],
  ...["KOI8R", "KOI8U", "LATIN1", "LATIN2", "LATIN3", "LATIN4", "LATIN5", "LATIN6", "LATIN7", "LATIN8", "LATIN9"],
  ...["LATIN10", "MULE_INTERNAL", "SQL_ASCII", "UTF8", "WIN866", "WIN874", "WIN1250", "WIN1251", "WIN1252", "WIN1253"],
  ...["WIN1254", "WIN1255", "WIN1256", "WIN1257", "WIN1258"],
];

/** A database of PostgreSQL and its owner. A delete keeps the database, unless `deleteData` is true. */
export const postgresqlDatabase: Kind<Want, Seen> = {
  name: "PostgresqlDatabase",
  inputs: z.object({
    name: identifier.refine(
      (name) => !/^(postgres|template[01])$/.test(name),
      "is PostgreSQL's own: choose another name",
    ),
    role: identifier,
    encoding: z.enum(ENCODINGS, 'an encoding is like "UTF8", as PostgreSQL prints it').default("UTF8"),
    port: serverPort,
    deleteData: z.boolean().default(false),
  }),
  identity: ({ name, port }) => onServer(name, port),
  formerly: ({ name }) => ({ identities: [name] }),

  look(change) {
    const { name, port } = about(change);
    const select = `SELECT 'database' AS is, pg_get_userbyid(datdba) AS role, pg_encoding_to_char(encoding) AS encoding
      FROM pg_database WHERE datname = ${sqlLiteral(name)}`;
    return map(selectOne<Database>(select, port), (there) => there ?? { is: "nothing" });
  },

  plan({ had, want, found }, seen) {
    if (!want) return putBack(had as Want, found, seen);
    if (seen.is === "unknown") throw noAnswer(seen, want.port);
    if (seen.is === "nothing") return [create(want)];
    return [
      ...(seen.encoding === want.encoding ? [] : [changeEncoding(want, seen)]),
      ...(seen.role === want.role ? [] : [changeOwner(want, want.role)]),
    ];
  },

  report(_, seen) {
    if (seen.is !== "database") return { role: "" };
    return { role: seen.role, encoding: seen.encoding };
  },
};

// Only template0 can be copied with another encoding. CREATE DATABASE cannot run in a transaction, so the SQL is this statement
// alone.
function create({ name, role, encoding, port }: Want): Step {
  const sql = `CREATE DATABASE ${sqlName(name)} OWNER ${sqlName(role)} ENCODING ${sqlLiteral(encoding)} TEMPLATE template0;\n`;
  return sqlStep(sql, port, `creating the database ${name}`, ({ stderr }) => {
    if (/role .* does not exist/.test(stderr))
      return `Is the role ${role} declared, and is this resource made after it (dependsOn)?`;
    if (/encoding/.test(stderr)) return "The server's locale has another encoding: declare that one";
    return undefined;
  });
}

function changeOwner({ name, port }: Want, role: string): Step {
  const sql = `ALTER DATABASE ${sqlName(name)} OWNER TO ${sqlName(role)};\n`;
  return sqlStep(sql, port, `giving the database ${name} to ${role}`, ({ stderr }) =>
    /role .* does not exist/.test(stderr)
      ? `Is the role ${role} declared, and is this resource made after it (dependsOn)?`
      : undefined,
  );
}

/** A step that always fails: PostgreSQL cannot change a database's encoding, and the database is not dropped for it. */
function changeEncoding({ name, encoding }: Want, seen: Database): Step {
  return {
    run: sh(`echo "PostgreSQL cannot change a database's encoding" >&2; exit 1`),
    purpose: `changing the encoding of the database ${name} from ${seen.encoding} to ${encoding}`,
    advice: () => `Declare ${seen.encoding}, or dump the database, drop it, and load it into the new one`,
  };
}

/** If the server does not answer and nothing has to be dropped or put back, there is no step, and the delete succeeds. */
function putBack(had: Want, found: Seen | undefined, seen: Seen): Step[] {
  if (found?.is === "database") {
    if (seen.is === "unknown" && found.role !== had.role) refuseUnanswered(seen, had.port);
    return seen.is === "database" && seen.role !== found.role ? [changeOwner(had, found.role)] : [];
  }
  if (!had.deleteData || seen.is === "nothing") return [];
  // FORCE ends the open connections to the database.
  const sql = `DROP DATABASE ${sqlName(had.name)} WITH (FORCE);\n`;
  return [sqlStep(sql, had.port, `dropping the database ${had.name} with its data`)];
}
