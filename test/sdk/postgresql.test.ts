import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { Host, Postgresql, type PostgresqlArgs } from "../../sdk/index";
import { clientAuthentication, serverConfiguration, unitDropIn } from "../../sdk/sites/postgresql-config";
import { only, type Registered, register, secret } from "./registered";

const host = new Host("db");
const given = { host, address: "172.17.111.240", clients: ["172.17.111.234", "2001:db8:0::7"] };
const declare = (args: Partial<PostgresqlArgs> = {}, name = "shop") =>
  register(() => new Postgresql(name, { ...given, ...args }), { Password: { value: "GENERATED" } });
const sha256 = (text: unknown) => createHash("sha256").update(String(text)).digest("hex");
const file = (registered: Registered[], what: string) => only(registered, "File", `shop-${what}`).inputs;

test("Debian's package, and its cluster listening where it is declared", async () => {
  const registered = await declare();
  expect(only(registered, "Package").inputs).toMatchObject({ package: "postgresql-15" });
  expect(file(registered, "configuration")).toMatchObject({
    path: "/etc/postgresql/15/main/conf.d/lvs.conf",
    content: "listen_addresses = 'localhost,172.17.111.240'\nport = 5432\npassword_encryption = 'scram-sha-256'\n",
  });
});

test("the declared clients alone are let in, to that database as that role", async () => {
  const { path, content, mode, user, group } = file(await declare(), "clients");
  expect([path, mode, user, group]).toEqual([
    "/etc/postgresql/15/main/pg_hba.conf",
    ...["0640", "postgres", "postgres"],
  ]);
  expect(String(content).trimEnd().split("\n")).toEqual([
    "local all postgres peer",
    "host all all 127.0.0.1/32 scram-sha-256",
    "host all all ::1/128 scram-sha-256",
    'host "shop" "shop" 172.17.111.234/32 scram-sha-256',
    'host "shop" "shop" 2001:db8::7/128 scram-sha-256',
  ]);
});

test("parameters restart the server once its address is there; clients are a reload by the unit of all clusters", async () => {
  const registered = await declare();
  expect(only(registered, "SystemdService", "shop-cluster").inputs).toMatchObject({
    unit: "postgresql@15-main.service",
    reload: "restart",
    validate: ["sh", "-c", expect.stringMatching(/172\[\.\]17\[\.\]111\[\.\]240/)],
    configuration: {
      "/etc/systemd/system/postgresql@15-main.service.d/lvs.conf": sha256(file(registered, "unit").content),
      "/etc/postgresql/15/main/conf.d/lvs.conf": sha256(file(registered, "configuration").content),
    },
  });
  const all = only(registered, "SystemdService", "shop-service").inputs;
  expect(all).toMatchObject({ unit: "postgresql.service" });
  expect(all).not.toHaveProperty("reload");
  expect(all.configuration).toEqual({
    "/etc/postgresql/15/main/pg_hba.conf": sha256(file(registered, "clients").content),
  });
});

test("one after the other: package, files, services, role, database", async () => {
  const registered = await declare();
  const after = (kind: string, name: string) => only(registered, kind, `shop-${name}`).dependsOn.sort();
  for (const what of ["unit", "configuration", "clients"]) expect(after("File", what)).toEqual(["shop-postgresql"]);
  expect(after("SystemdService", "cluster")).toEqual(["shop-configuration", "shop-unit"]);
  expect(after("SystemdService", "service")).toEqual(["shop-clients", "shop-cluster"]);
  expect(after("PostgresqlRole", "role")).toEqual(["shop-cluster", "shop-password", "shop-service"]);
  expect(after("PostgresqlDatabase", "database")).toEqual(["shop-role"]);
});

test("the password is a secret wherever it goes, and data stay by default", async () => {
  const registered = await declare();
  const role = only(registered, "PostgresqlRole");
  expect(role.inputs).toMatchObject({ name: "shop", password: secret("GENERATED"), port: 5432, deleteData: false });
  expect(role.secretOutputs).toEqual(["password", "declared"]);
  const database = only(registered, "PostgresqlDatabase").inputs;
  expect(database).toMatchObject({ name: "shop", role: "shop", port: 5432, deleteData: false });
});

test("everything can be chosen", async () => {
  const registered = await declare({ database: "orders", role: "clerk", port: 5433, version: 17, deleteData: true });
  expect(only(registered, "Package").inputs).toMatchObject({ package: "postgresql-17" });
  expect(file(registered, "configuration")).toMatchObject({ path: "/etc/postgresql/17/main/conf.d/lvs.conf" });
  expect(file(registered, "configuration").content).toContain("port = 5433\n");
  expect(file(registered, "clients").content).toContain('host "orders" "clerk" 172.17.111.234/32');
  const more = { port: 5433, deleteData: true };
  expect(only(registered, "PostgresqlRole").inputs).toMatchObject({ name: "clerk", ...more });
  expect(only(registered, "PostgresqlDatabase").inputs).toMatchObject({ name: "orders", role: "clerk", ...more });
});

const urls: [args: Partial<PostgresqlArgs>, url: string][] = [
  [{}, "postgresql://shop:GENERATED@172.17.111.240:5432/shop"],
  [{ address: "2001:DB8:0:0::1", port: 5433 }, "postgresql://shop:GENERATED@[2001:db8::1]:5433/shop"],
  [{ database: "orders", role: "clerk" }, "postgresql://clerk:GENERATED@172.17.111.240:5432/orders"],
];
test.each(urls)("%j is reached by a URL that is a secret", async (args, expected) => {
  let seen: unknown[] = [];
  const program = async () => {
    const { url } = new Postgresql("shop", { ...given, ...args });
    seen = [await pulumi.isSecret(url), await new Promise((resolve) => url.apply(resolve))];
  };
  await register(program, { Password: { value: "GENERATED" } });
  expect(seen).toEqual([true, expected]);
});

const refused: [args: Partial<PostgresqlArgs>, message: RegExp][] = [
  [{ clients: [] }, /Postgresql "shop": clients: nobody could connect/],
  [{ clients: ["10.0.0.1", "10.0.0.0/24"] }, /clients\[1\]: "10.0.0.0\/24" is not an IPv4 or IPv6 address/],
  [{ address: "0.0.0.0" }, /address: "0.0.0.0" is no address of one host/],
  [{ clients: ["224.0.0.1"] }, /clients\[0\]: "224.0.0.1" is no address of one host/],
  [{ address: "db.example" }, /address: "db.example" is not an IPv4 or IPv6 address/],
  [{ database: 'shop"; DROP' }, /database: "shop"; DROP" is not a name/],
  [{ database: "postgres", role: "shop" }, /database: "postgres" is PostgreSQL's own/],
  [{ role: "Shop" }, /role: "Shop" is not a name/],
  [{ role: "pg_monitor" }, /role: "pg_monitor" is PostgreSQL's own/],
  [{ port: 0 }, /port: 0 is not a number from 1 to 65535/],
  [{ version: 9.6 }, /version: 9.6 is not a version/],
];
test.each(refused)("%j is refused", (args, message) => {
  expect(() => new Postgresql("shop", { ...given, ...args })).toThrow(message);
});

test("a name that is none of a database is told once", () => {
  const declare = () => new Postgresql("my-shop", given);
  expect(declare).toThrow(/^Postgresql "my-shop": database: "my-shop" is not a name [^\n]*$/);
});

test("the texts", () => {
  expect(serverConfiguration({ address: "2001:db8::1", port: 5432 })).toMatch(
    /^listen_addresses = 'localhost,2001:db8::1'$/m,
  );
  // A name in quotes is no keyword: "all" means neither every database nor every role.
  expect(clientAuthentication({ database: "all", role: "all", clients: ["10.0.0.1"] })).toMatch(
    /^host "all" "all" 10\.0\.0\.1\/32/m,
  );
  expect(unitDropIn("10.0.0.1")).toMatch(/^After=network-online\.target$/m);
  // systemd puts its environment in the place of $n, and $ in that of $$ (systemd.service(5)).
  expect(unitDropIn("10.0.0.1").replaceAll("$$", "")).not.toContain("$");
  expect(unitDropIn("10.0.0.1")).toMatch(/^ExecStartPre=\/bin\/sh -c 'n=0; until .*10\[\.\]0\[\.\]0\[\.\]1.*; done'$/m);
});
