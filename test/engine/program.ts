import { ComponentResource, type CustomResourceOptions, type Resource, rootStackResource } from "@pulumi/pulumi";
import { File, Host, PostgresqlDatabase, PostgresqlRole, RealServer, Sysctl, VipAlias } from "pulumi-lvs";

// The programs of the tests, each chosen by its name. A test goes from one program to another, as somebody edits one.

const { server } = JSON.parse(process.env.LVS_HOSTS as string);

interface Edited {
  readonly host?: string;
  readonly content?: string;
  readonly validate?: string[];
  /** What stands before the names of all resources. */
  readonly prefix?: string;
  /** Options of all resources, each by its former name. */
  readonly options?: (name: string) => CustomResourceOptions;
  /** Options of the file. */
  readonly file?: CustomResourceOptions;
  readonly withoutFile?: boolean;
  /** The file alone. */
  readonly fileAlone?: boolean;
}

function site({ content = "declared\n", prefix = "", options = () => ({}), ...edited }: Edited = {}) {
  const host = new Host(edited.host ?? "server", server);
  const make = <R>(name: string, resource: (name: string, options: CustomResourceOptions) => R) =>
    resource(prefix + name, options(name));
  if (!edited.withoutFile)
    make("motd", (name, all) => {
      const validate = edited.validate && { validate: edited.validate };
      return new File(name, { host, path: "/etc/motd", content, ...validate }, { ...all, ...edited.file });
    });
  if (edited.fileAlone) return;
  make("forward", (name, all) => new Sysctl(name, { host, key: "net.ipv4.ip_forward", value: 1 }, all));
  make("vip", (name, all) => new VipAlias(name, { host, address: "10.77.20.9", device: "eth0", label: "eth0:0" }, all));
  const shop = { host, name: "shop", deleteData: true };
  const role = make("owner", (name, all) => new PostgresqlRole(name, { ...shop, password: "a password" }, all));
  make("data", (name, all) => new PostgresqlDatabase(name, { ...shop, role: role.name }, all));
}

class Component extends ComponentResource {
  constructor(name: string) {
    super("test:index:Component", name);
  }
}

function inComponent(more: CustomResourceOptions) {
  const parent = new Component("site");
  return () => ({ parent, ...more });
}

const VIP = "10.77.20.9";

/** A real server as former versions declared one: each ARP setting was a resource of its own. */
function formerRealServer() {
  const host = new Host("server", server);
  const of = (type: string, name: string, parent?: Resource) =>
    new ComponentResource(`lvs:index:${type}`, name, {}, { ...(parent && { parent }) });
  const own = { parent: of("RealServer", "rs") };
  const arp = { parent: of("ArpSettings", "rs-arp", own.parent) };
  const settings = ["all", "lo", "eth0"].flatMap((on) =>
    Object.entries({ arp_ignore: 1, arp_announce: 2 }).map(([setting, value]) => {
      const key = `net.ipv4.conf.${on}.${setting}`;
      return new Sysctl(`rs-arp-${setting}-${on}`, { host, key, value }, arp);
    }),
  );
  new VipAlias("rs-vip", { host, address: VIP, device: "lo", label: "lo:0" }, { ...own, dependsOn: settings });
}

function realServer() {
  const host = new Host("server", server);
  new RealServer("rs", { host, address: "10.77.20.2", forwarding: "dr", vip: VIP, device: "eth0" });
}

const programs: Record<string, () => void> = {
  nothing() {},
  "a former real server": formerRealServer,
  "a real server": realServer,
  site,
  changed: () => site({ content: "changed\n" }),
  refused: () => site({ content: "refused\n", validate: ["sh", "-c", "echo not this >&2; exit 1", "%s"] }),
  "renamed resources, changed": () => site({ prefix: "other-", content: "changed\n" }),
  "renamed resources with aliases, changed": () =>
    site({ prefix: "other-", content: "changed\n", options: (name) => ({ aliases: [{ name }] }) }),
  "renamed host, changed": () => site({ host: "another", content: "changed\n" }),
  "the file alone": () => site({ fileAlone: true }),
  "the file alone, changed": () => site({ fileAlone: true, content: "changed\n" }),
  "without the file": () => site({ withoutFile: true }),

  "renamed host": () => site({ host: "another" }),
  "renamed resources": () => site({ prefix: "other-" }),
  "renamed resources with aliases": () => site({ prefix: "other-", options: (name) => ({ aliases: [{ name }] }) }),
  "in a component": () => site({ options: inComponent({}) }),
  "in a component with aliases": () => site({ options: inComponent({ aliases: [{ parent: rootStackResource }] }) }),

  "changed, ignoring changes": () => site({ content: "changed\n", file: { ignoreChanges: ["content"] } }),
  "retained on delete": () => site({ file: { retainOnDelete: true } }),
  protected: () => site({ options: () => ({ protect: true }) }),
  "protected, without the file": () => site({ options: () => ({ protect: true }), withoutFile: true }),
  imported: () => site({ file: { import: "/etc/motd" } }),
  "deleted before replaced": () => site({ options: () => ({ deleteBeforeReplace: true }) }),
};

programs[process.env.LVS_PROGRAM as string]?.();
