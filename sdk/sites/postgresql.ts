import * as pulumi from "@pulumi/pulumi";
import { hostPort, isPostgresqlName, isWithin, normalAddress, PORT, type Problem } from "pulumi-lvs-provider/model";
import { refuse } from "../arguments/argument-error";
import { declares } from "../arguments/declares";
import { hostAddressProblem } from "../arguments/problem";
import { sha256 } from "../arguments/sha256";
import { refuseShape } from "../arguments/shape";
import { File } from "../kinds/file";
import { Package } from "../kinds/package";
import { PostgresqlDatabase } from "../kinds/postgresql-database";
import { PostgresqlRole } from "../kinds/postgresql-role";
import { SystemdService } from "../kinds/systemd-service";
import { Password } from "../values/password";
import type { PostgresqlArgs } from "./postgresql-args";
import { clientAuthentication, hasAddress, serverConfiguration, unitDropIn } from "./postgresql-config";
import { postgresql } from "./shapes";

/**
 * A PostgreSQL server with one database, and one role with a generated password. Only the declared clients reach the
 * server. Data are never lost silently: deleting keeps the database and the role unless `deleteData` says otherwise.
 * What was there before stays in any case. A new address, port or version restarts the server, which cuts connections.
 * A change of `clients` is a reload, which cuts none.
 *
 * `url` depends on the password alone. A resource that uses `url` should come after this component (`dependsOn`), so
 * that the database exists.
 *
 * @example
 * ```ts
 * const database = new Postgresql("shop", { host: db, address: "172.17.111.240", clients: ["172.17.111.234"] });
 * new File("url", { host: app, path: "/etc/shop/url", content: database.url, mode: "0600" }, { dependsOn: database });
 * ```
 * @throws ArgumentError where there are no clients, or a name, address, port or version cannot be
 */
@declares
export class Postgresql extends pulumi.ComponentResource {
  /** The package of the server. */
  readonly package: Package;
  /** The files, by purpose: `unit` (the drop-in of the unit), `configuration`, `clients` (pg_hba.conf). */
  readonly files: Readonly<Record<"unit" | "configuration" | "clients", File>>;
  /** `cluster`: the server itself. `all`: Debian's unit for all clusters, which reloads the server. */
  readonly services: Readonly<Record<"cluster" | "all", SystemdService>>;
  /** The role's generated password. */
  readonly password: Password;
  /** The role that owns the database and connects to it. */
  readonly role: PostgresqlRole;
  /** The database. */
  readonly database: PostgresqlDatabase;
  /** `postgresql://role:password@address:port/database`. A secret. */
  readonly url: pulumi.Output<string>;

  constructor(name: string, args: PostgresqlArgs, opts?: pulumi.ComponentResourceOptions) {
    refuseShape(`Postgresql "${name}"`, postgresql, args);
    const wanted = normal(name, args);
    refuse(`Postgresql "${name}"`, problems(wanted, args));
    super("lvs:index:Postgresql", name, {}, opts);
    const { host, address, port, database, role, deleteData } = wanted;
    const contents = contentsOf(wanted);

    this.package = new Package(
      `${name}-postgresql`,
      { host, package: `postgresql-${wanted.version}` },
      { parent: this },
    );
    const file = (what: keyof Contents) =>
      new File(`${name}-${what}`, { host, ...contents[what] }, { parent: this, dependsOn: this.package });
    this.files = { unit: file("unit"), configuration: file("configuration"), clients: file("clients") };
    this.services = createServices(this, name, wanted, contents);
    this.password = new Password(`${name}-password`, {}, { parent: this });
    this.role = new PostgresqlRole(
      `${name}-role`,
      { host, name: role, password: this.password.value, port, deleteData },
      { parent: this, dependsOn: Object.values(this.services) },
    );
    this.database = new PostgresqlDatabase(
      `${name}-database`,
      { host, name: database, role, port, deleteData },
      { parent: this, dependsOn: this.role },
    );
    const place = `${hostPort(address, port)}/${database}`;
    this.url = pulumi.secret(pulumi.interpolate`postgresql://${role}:${this.password.value}@${place}`);
    this.registerOutputs({ url: this.url });
  }
}

type Wanted = Required<PostgresqlArgs>;

function normal(name: string, args: PostgresqlArgs): Wanted {
  const { database = name, role = database, port = 5432, version = 15, deleteData = false } = args;
  const address = normalAddress(args.address);
  const clients = [...new Set(args.clients.map(normalAddress))];
  return { ...args, address, clients, database, role, port, version, deleteData };
}

interface Content {
  path: string;
  content: string;
  mode?: string;
  user?: string;
  group?: string;
}

type Contents = Record<"unit" | "configuration" | "clients", Content>;

function contentsOf(wanted: Wanted): Contents {
  const { version, address } = wanted;
  const folder = `/etc/postgresql/${version}/main`;
  const own = { user: "postgres", group: "postgres" };
  return {
    unit: { path: `/etc/systemd/system/postgresql@${version}-main.service.d/lvs.conf`, content: unitDropIn(address) },
    configuration: { path: `${folder}/conf.d/lvs.conf`, content: serverConfiguration(wanted), ...own },
    clients: { path: `${folder}/pg_hba.conf`, content: clientAuthentication(wanted), mode: "0640", ...own },
  };
}

/**
 * A unit takes up all of its files in one way. Debian has two units. The server's own unit restarts for changed
 * parameters. postgresql.service is reloaded for changed clients: its reload goes on to the servers
 * (ReloadPropagatedFrom) and keeps their connections.
 */
function createServices(parent: Postgresql, name: string, wanted: Wanted, { unit, configuration, clients }: Contents) {
  const { host, version, address } = wanted;
  const cluster = new SystemdService(
    `${name}-cluster`,
    {
      host,
      unit: `postgresql@${version}-main.service`,
      configuration: { ...digest(unit), ...digest(configuration) },
      reload: "restart",
      validate: ["sh", "-c", hasAddress(address)],
    },
    { parent, dependsOn: [parent.files.unit, parent.files.configuration] },
  );
  const all = new SystemdService(
    `${name}-service`,
    { host, unit: "postgresql.service", configuration: digest(clients) },
    { parent, dependsOn: [cluster, parent.files.clients] },
  );
  return { cluster, all };
}

function digest({ path, content }: Content): Record<string, string> {
  return { [path]: sha256(content) };
}

const ITS_OWN = { database: /^(postgres|template[01])$/, role: /^(pg_.*|postgres|public|none)$/ };

function nameProblems(property: "database" | "role", name: string): Problem[] {
  if (!isPostgresqlName(name))
    return [
      {
        property,
        reason: `"${name}" is not a name of small letters, digits and _, not a digit first: give one, of 63 at most`,
      },
    ];
  return ITS_OWN[property].test(name)
    ? [{ property, reason: `"${name}" is PostgreSQL's own: choose another name` }]
    : [];
}

function problems(wanted: Wanted, given: PostgresqlArgs): Problem[] {
  const { address, clients, port, version, database, role } = wanted;
  const check = (holds: unknown, property: string, reason: string) => (holds ? [] : [{ property, reason }]);
  return [
    ...hostAddressProblem("address", address),
    ...check(clients.length > 0, "clients", "nobody could connect: give the addresses of those who shall"),
    ...given.clients.flatMap((client, i) => hostAddressProblem(`clients[${i}]`, client)),
    ...nameProblems("database", database),
    // A role with the database's name is judged, too, by the rules of roles. A fault of the name itself is reported
    // once, for the database.
    ...(given.role === undefined && !isPostgresqlName(database) ? [] : nameProblems("role", role)),
    ...check(isWithin(port, PORT), "port", `${port} is not a number from 1 to 65535: give one`),
    ...check(
      isWithin(version, { least: 13, most: 99 }),
      "version",
      `${version} is not a version of PostgreSQL: give one from 13 on, like 15`,
    ),
  ];
}
