import { z } from "zod";
import { sh } from "../host/command";
import { identifier, lookUpOne, noAnswer, parseOne, serverPort, sqlStep, type Unknown } from "../linux/psql";
import type { Kind, Step } from "../reconcile/kind";

interface Want {
  name: string;
  /** Who owns it: `owner` is who declares a resource. */
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

/** A database of PostgreSQL, with its owner. Deleting keeps it, unless `deleteData` says otherwise. */
export const postgresqlDatabase: Kind<Want, Seen> = {
  name: "PostgresqlDatabase",
  inputs: z.object({
    name: identifier.refine(
      (name) => !/^(postgres|template[01])$/.test(name),
      "is PostgreSQL's own: choose another name",
    ),
    role: identifier,
    encoding: z
      .string()
      .regex(/^[A-Z][A-Z0-9_]*$/, 'an encoding is like "UTF8", as PostgreSQL prints it')
      .default("UTF8"),
    port: serverPort,
    deleteData: z.boolean().default(false),
  }),
  identity: (want) => want.name,

  observe({ had, want }) {
    const { name, port } = (want ?? had) as Want;
    const select = `SELECT 'database' AS is, pg_get_userbyid(datdba) AS role, pg_encoding_to_char(encoding) AS encoding
      FROM pg_database WHERE datname = '${name}'`;
    return [lookUpOne(select, port)];
  },

  read: ([reply]) => parseOne<Database>(reply) ?? { is: "nothing" },

  plan({ had, want, found }, seen) {
    if (!want) return putBack(had as Want, found, seen);
    if (seen.is === "unknown") throw noAnswer(seen, want.port);
    if (seen.is === "nothing") return [create(want)];
    return [
      ...(seen.encoding === want.encoding ? [] : [recode(want, seen)]),
      ...(seen.role === want.role ? [] : [give(want, want.role)]),
    ];
  },

  report(_, seen) {
    if (seen.is !== "database") return { role: "" };
    return { role: seen.role, encoding: seen.encoding };
  },
};

// template0 can be copied in any encoding. CREATE DATABASE cannot stand in a transaction: psql sends each statement by itself.
function create({ name, role, encoding, port }: Want): Step {
  const sql = `CREATE DATABASE "${name}" OWNER "${role}" ENCODING '${encoding}' TEMPLATE template0;\n`;
  return sqlStep(sql, port, `creating the database ${name}`, ({ stderr }) => {
    if (/role .* does not exist/.test(stderr))
      return `Is the role ${role} declared, and is this resource made after it (dependsOn)?`;
    if (/encoding/.test(stderr)) return "The server's locale has another encoding: declare that one";
    return undefined;
  });
}

function give({ name, port }: Want, role: string): Step {
  const sql = `ALTER DATABASE "${name}" OWNER TO "${role.replaceAll('"', '""')}";\n`;
  return sqlStep(sql, port, `giving the database ${name} to ${role}`, ({ stderr }) =>
    /role .* does not exist/.test(stderr)
      ? `Is the role ${role} declared, and is this resource made after it (dependsOn)?`
      : undefined,
  );
}

/** There is no way, and nobody's data are lost for trying. */
function recode({ name, encoding }: Want, seen: Database): Step {
  return {
    run: sh(`echo "PostgreSQL cannot change a database's encoding" >&2; exit 1`),
    purpose: `changing the encoding of the database ${name} from ${seen.encoding} to ${encoding}`,
    advice: () => `Declare ${seen.encoding}, or dump the database, drop it, and load it into the new one`,
  };
}

/** A server that does not answer is no hindrance to leaving things as they are. */
function putBack(had: Want, found: Seen | undefined, seen: Seen): Step[] {
  if (found?.is === "database") {
    return seen.is === "database" && seen.role !== found.role ? [give(had, found.role)] : [];
  }
  if (!had.deleteData || seen.is === "nothing") return [];
  // FORCE ends the connections that are open to it.
  const sql = `DROP DATABASE "${had.name}" WITH (FORCE);\n`;
  return [sqlStep(sql, had.port, `dropping the database ${had.name} with its data`)];
}
