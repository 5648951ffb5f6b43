import { rmSync, writeFileSync } from "node:fs";
import { command } from "../namespaces/command";
import type { Host } from "../namespaces/host";

// The data of a site, and who reads them.

/** Tables with keys, sequences and a view; texts of many scripts, with quotes and line ends; a large object of 96 kB. */
const DATA = `
CREATE TABLE products (id serial PRIMARY KEY, name text NOT NULL UNIQUE, price numeric(10, 2) CHECK (price >= 0), picture oid);
INSERT INTO products (name, price) VALUES ('enamel mug', 12.50), ('☕ 杯子', 0), ('Ärmel''s "crème"', 99999999.99), (E'two\\nlines\\t\\\\', NULL);
UPDATE products SET picture = lo_from_bytea(0, (SELECT string_agg(sha256(convert_to(i::text, 'UTF8')), '') FROM generate_series(1, 3000) i)) WHERE id = 1;
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, product int REFERENCES products, at timestamptz, note text, raw bytea);
INSERT INTO orders (product, at, note, raw)
  SELECT 1 + i % 4, '2026-01-01 00:00:00+00'::timestamptz + i * interval '1 hour', repeat(chr(960), i % 50), sha256(convert_to(i::text, 'UTF8')) FROM generate_series(1, 2000) i;
CREATE INDEX ON orders (at);
CREATE VIEW takings AS SELECT name, count(*) AS sold, sum(price) AS total FROM orders JOIN products ON products.id = product GROUP BY name;
CREATE SEQUENCE invoices START 1000 INCREMENT 7;
SELECT nextval('invoices') FROM generate_series(1, 5);
`;

/** What every reader of the orders gets. */
export const ALL_THERE = "2000 1028";

const READING = "SELECT count(*) || ' ' || (SELECT last_value FROM invoices) FROM orders;";

/** Logs in by the URL of the site, and runs the SQL there. */
export function sql(url: string, text: string): Promise<string> {
  return command(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", url], text);
}

export function fill(url: string): Promise<string> {
  return sql(url, DATA);
}

/** One connection of the application, which reads its orders over and over until it is told to end. */
export class Reader {
  readonly #said: Promise<string>;

  /** @param stop a file that does not exist; the reader ends once it does */
  constructor(
    url: string,
    private readonly stop: string,
  ) {
    const script = `while [ ! -e "$2" ]; do echo "$3"; sleep 0.1; done | psql -X -q -A -t -v ON_ERROR_STOP=1 "$1"`;
    this.#said = command(["sh", "-c", script, "sh", url, stop, READING]).catch(String);
  }

  /** Ends the connection. Returns the answers that it got, each once. */
  async end(): Promise<string[]> {
    writeFileSync(this.stop, "");
    const said = await this.#said;
    rmSync(this.stop, { force: true });
    return [...new Set(said.trim().split("\n"))];
  }
}

/**
 * Everything that the server keeps: all roles, databases and contents in the words of pg_dumpall, by which the cluster was
 * made, the numbers by which the server itself knows what is in it, and since when it runs. Left out are the verifiers of
 * passwords, which change with a password that is made anew, and the word that pg_dumpall draws for each dump.
 */
export function dump(host: Host): Promise<string> {
  const numbers = `SELECT system_identifier, pg_postmaster_start_time() FROM pg_control_system();
    SELECT oid, datname, datdba FROM pg_database ORDER BY 1; SELECT oid, rolname, rolcanlogin FROM pg_roles ORDER BY 1;`;
  return host.run(
    `cd /; as="runuser -u postgres --"
    $as pg_dumpall --no-role-passwords </dev/null | sed -E '/^.(un)?restrict /d'; $as psql -X -q -A -t -v ON_ERROR_STOP=1`,
    numbers,
  );
}
