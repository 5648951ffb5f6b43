import { clientAuthentication, serverConfiguration } from "../../sdk/sites/postgresql-config";
import { command } from "./command";
import type { Host } from "./host";
import { declare, Resource, Site } from "./site";

const site = new Site();
const [here, there] = ["10.77.11.1", "10.77.11.2"];
const shop = { database: "shop", role: "shop" };
let server: Host;

// A cluster as Debian's package makes it, with our files and without systemd.
beforeAll(async () => {
  const lan = await site.network(`${here}/24`);
  server = await site.host("server", { eth0: [lan, `${there}/24`] });
  await server.run(`set -e
    export LC_ALL=C.UTF-8
    install -d -o postgres -g postgres -m 2775 /run/postgresql
    version=$(ls /usr/lib/postgresql | sort -V | tail -1)
    pg_createcluster -p 5432 $version site >/dev/null
    ln -s /etc/postgresql/$version/site /srv/configuration; ln -s /var/log/postgresql/postgresql-$version-site.log /srv/log`);
  await put(
    "/srv/configuration/conf.d/lvs.conf",
    `${serverConfiguration({ address: there, port: 5432 })}fsync = off\n`,
  );
  await put("/srv/configuration/pg_hba.conf", clientAuthentication({ ...shop, clients: [here] }));
  await cluster("start");
});
afterAll(() => site.close());

const put = (path: string, text: string) => server.run(`cat >${path}; chown postgres:postgres ${path}`, text);
const cluster = (verb: string) =>
  server.run(`set -- $(pg_lsclusters -h | grep -w site); pg_ctlcluster $1 site ${verb} -m fast`);
const sql = (text: string, database = "postgres") =>
  server.run(`cd /; runuser -u postgres -- psql -X -q -A -t -v ON_ERROR_STOP=1 -d ${database}`, text);
const role = (more: object = {}) =>
  new Resource("PostgresqlRole", { host: declare(server, there), name: "shop", password: "right one", ...more });
const database = (more: object = {}) =>
  new Resource("PostgresqlDatabase", { host: declare(server, there), name: "shop", role: "shop", ...more });
/** Logs in as the role, over TCP, from where the provider runs. */
const login = (password: string, name = "shop") => {
  const url = `postgresql://shop:${encodeURIComponent(password)}@${there}:5432/${name}?connect_timeout=5`;
  return command(["psql", "-X", "-q", "-A", "-t", url], "SELECT current_user\n").catch(String);
};
const traces = () => server.run("ls /var/lib/lvs 2>&1 || :");

test("a role logs in with its password, to its database, from declared addresses; any other login is refused", async () => {
  const [owner, data] = [role({ deleteData: true }), database({ deleteData: true })];
  await owner.create();
  await data.create();
  expect(await login("right one")).toBe("shop\n");
  expect(await login("wrong one")).toMatch(/password authentication failed/);
  expect(await login("right one", "postgres")).toMatch(/no pg_hba.conf entry/);
  const elsewhere = `psql -X "postgresql://shop:right%20one@${there}/shop" -c "SELECT 1" 2>&1 || :`;
  expect(await server.run(elsewhere)).toMatch(/no pg_hba.conf entry for host "10.77.11.2"/);
  expect(await server.run(elsewhere.replace(there, "127.0.0.1"))).toMatch(/1 row/);
  expect(
    await sql("CREATE TABLE of_owner (); SELECT pg_encoding_to_char(encoding) FROM pg_database", "shop"),
  ).toContain("UTF8");
  expect([await owner.differences(), await data.differences()]).toEqual([[], []]);
  await data.delete();
  await owner.delete();
  expect(await sql("SELECT rolname FROM pg_roles WHERE rolname = 'shop'; SELECT datname FROM pg_database")).not.toMatch(
    /shop/,
  );
  expect(await traces()).toContain("No such file");
});

test("no password is in the server's log, neither at a create nor at an update", async () => {
  await sql("ALTER SYSTEM SET log_statement = 'all'; SELECT pg_reload_conf()");
  const owner = role({ password: "never in a log'", deleteData: true });
  await owner.create();
  expect(await login("never in a log'", "shop")).toMatch(/database "shop" does not exist/);
  await owner.update({ ...owner.inputs, password: "nor this" });
  await sql("ALTER SYSTEM RESET log_statement; SELECT pg_reload_conf()");
  const log = await server.run("cat /srv/log");
  expect(log).toMatch(/CREATE ROLE "shop" LOGIN PASSWORD 'SCRAM-SHA-256\$4096:/);
  expect(log).not.toMatch(/never in a log|nor this/);
  await owner.delete();
});

test("changes by hand show as drift, without the password, and are repaired", async () => {
  const [owner, data] = [role({ deleteData: true }), database({ deleteData: true })];
  await owner.create();
  await data.create();
  await sql("CREATE ROLE thief; ALTER ROLE shop NOLOGIN PASSWORD 'stolen'; ALTER DATABASE shop OWNER TO thief");
  expect([await owner.read(), await data.read()]).toEqual([true, true]);
  expect([await owner.differences(), await data.differences()]).toEqual([["login", "password"], ["role"]]);
  expect(owner.state).toMatchObject({ login: false, password: "another password than declared" });
  expect(data.state).toMatchObject({ role: "thief" });
  await owner.update();
  await data.update();
  expect(await login("right one")).toBe("shop\n");
  expect(await login("stolen")).toMatch(/password authentication failed/);
  expect([await owner.differences(), await data.differences()]).toEqual([[], []]);

  await sql('DROP DATABASE "shop"; DROP ROLE shop; DROP ROLE thief');
  expect([await owner.read(), await data.read()]).toEqual([true, true]);
  expect([await owner.differences(), await data.differences()]).toEqual([["login"], ["role"]]);
  await owner.update();
  await data.update();
  expect(await login("right one")).toBe("shop\n");
  await data.delete();
  await owner.delete();
});

test("data stay unless their removal is declared; then they go although somebody is connected", async () => {
  const [owner, data] = [role(), database()];
  await owner.create();
  await data.create();
  await sql("CREATE TABLE orders AS SELECT 7 AS id", "shop");
  await data.delete();
  await owner.delete();
  expect(await traces()).toContain("No such file");
  expect(await sql("SELECT id FROM orders", "shop")).toBe("7\n");
  expect(await login("right one")).toBe("shop\n");

  // A database that another stack left behind counts as one that was there before.
  const again = database({ deleteData: true });
  await again.create();
  await again.delete();
  expect(await sql("SELECT id FROM orders", "shop")).toBe("7\n");
  await sql("DROP DATABASE shop; DROP ROLE shop");

  const [newOwner, mine] = [role({ deleteData: true }), database({ deleteData: true })];
  await newOwner.create();
  await mine.create();
  const busy = command(["psql", "-X", `postgresql://shop:right%20one@${there}/shop`], "SELECT pg_sleep(60)\n");
  const ended = busy.catch(String);
  await server.run(
    `until [ "$(runuser -u postgres -- psql -X -A -t -c "SELECT count(*) FROM pg_stat_activity WHERE datname = 'shop'")" = 1 ]; do sleep 0.1; done 2>/dev/null`,
  );
  await expect(newOwner.delete()).rejects.toThrow(/dropping the role shop: .*depend.*REASSIGN OWNED/s);
  await mine.delete();
  await newOwner.delete();
  expect(await ended).toMatch(/terminating connection/);
  expect(await traces()).toContain("No such file");
});

test("a role and a database that are replaced keep their data, though a delete would take it", async () => {
  const made = [role({ deleteData: true }), database({ deleteData: true })];
  for (const one of made) await one.create();
  await sql("CREATE TABLE orders (id int); INSERT INTO orders VALUES (7)", "shop");
  for (const one of made) await one.replace();
  expect(await login("right one")).toBe("shop\n");
  expect(await sql("SELECT * FROM orders", "shop")).toBe("7\n");
  for (const one of made.reverse()) await one.delete();
  expect(await sql("SELECT count(*) FROM pg_database WHERE datname = 'shop'")).toBe("0\n");
  expect(await traces()).toMatch("No such file");
});

test("what was found comes back: the password, the attribute NOLOGIN, the owner", async () => {
  await sql(`CREATE ROLE former; CREATE ROLE shop NOLOGIN PASSWORD 'former'; CREATE DATABASE shop OWNER former`);
  const before = await sql("SELECT rolcanlogin, rolpassword FROM pg_authid WHERE rolname = 'shop'");
  const [owner, data] = [role({ deleteData: true }), database({ deleteData: true })];
  await owner.create();
  await data.create();
  expect(await login("right one")).toBe("shop\n");
  await data.delete();
  await owner.delete();
  expect(await sql("SELECT rolcanlogin, rolpassword FROM pg_authid WHERE rolname = 'shop'")).toBe(before);
  expect(await sql("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'shop'")).toBe("former\n");
  await sql("DROP DATABASE shop; DROP ROLE shop; DROP ROLE former");
});

test("an encoding that is not possible is an error with the cure, and so is an owner that is missing", async () => {
  await sql(`CREATE DATABASE odd ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`);
  const odd = database({ name: "odd", role: "postgres" });
  await expect(odd.create()).rejects.toThrow(/from SQL_ASCII to UTF8: .*cannot change.*Declare SQL_ASCII/s);
  await odd.delete();
  expect(await sql("SELECT datname FROM pg_database WHERE datname = 'odd'")).toBe("odd\n");
  const orphan = database({ name: "orphan", role: "nobody_here" });
  await expect(orphan.create()).rejects.toThrow(
    /host server: creating the database orphan: .*Is the role nobody_here declared/s,
  );
  await orphan.delete();
});

test("a server that is starting is waited for", async () => {
  await put("/usr/local/bin/psql", `#!/bin/sh\n[ -e /tmp/started ] || exit 2\nexec /usr/bin/psql "$@"\n`);
  await put("/usr/local/bin/pg_isready", `#!/bin/sh\n[ ! -e /tmp/asked ] || : >/tmp/started\n: >/tmp/asked\nexit 1\n`);
  await server.run("chmod 755 /usr/local/bin/psql /usr/local/bin/pg_isready");
  const owner = role({ deleteData: true });
  await owner.create();
  await server.run("ls /tmp/started; rm /usr/local/bin/psql /usr/local/bin/pg_isready");
  await owner.delete();
});

test("a server that is not there is an error before any change, drift for a refresh, and no obstacle for a delete that leaves data", async () => {
  const [owner, other] = [role(), role({ name: "other", deleteData: true })];
  await owner.create();
  await other.create();
  await cluster("stop");
  const late = role({ name: "late" });
  await expect(late.create()).rejects.toThrow(
    /^host server: asking PostgreSQL on port 5432 as the user postgres: .*Does PostgreSQL run, on port 5432/s,
  );
  expect(await server.run("ls /var/lib/lvs/ledger")).not.toContain("late");
  expect(await owner.read()).toBe(true);
  expect(await owner.differences()).toEqual(["login"]);
  await owner.delete();
  await expect(other.delete()).rejects.toThrow(/dropping the role other: .*Does PostgreSQL run/s);
  await cluster("start");
  await other.delete();
  expect(await sql("SELECT rolname FROM pg_roles WHERE rolname IN ('shop', 'other', 'late')")).toBe("shop\n");
  await sql("DROP ROLE shop");
});

test("where PostgreSQL is not installed, the error says so", async () => {
  await server.run("mkdir /tmp/away; mv /usr/bin/psql /usr/bin/pg_isready /tmp/away");
  await expect(role().create()).rejects.toThrow(/host server: .*Is PostgreSQL installed/s);
  await server.run("mv /tmp/away/* /usr/bin");
});
