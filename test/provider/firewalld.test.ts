import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { hostsArePossible } from "./memory-host";
import { resources } from "./on-host";

// firewall-cmd takes 5 to 19 s a start on a slow host. The programs that ask and tell firewalld instead are run here by the real
// Python, with a module `dbus` whose bus is a file. The same calls were tried with firewalld 1.3.3.

const python = spawnSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).stdout?.trim();
const onFirewalld = hostsArePossible && python ? describe : describe.skip;

const BUS = `import json
class DBusException(Exception):
    def get_dbus_message(self): return str(self)
class exceptions: DBusException = DBusException
Int32 = int
FILE = "/run/firewalld.json"
NAME = "org.fedoraproject.FirewallD1"
class SystemBus:
    def name_has_owner(self, name):
        try: return name == NAME and bool(json.load(open(FILE)))
        except IOError: raise DBusException("Failed to connect to socket")
    def get_object(self, name, path, introspect): return path
class Interface:
    def __init__(self, path, face): self.path, self.face = path, face
    def get_dbus_method(self, what): return lambda *words, **more: self.answer(what, *words)
    def answer(self, what, *words):
        it = json.load(open(FILE))
        self.face = self.face.replace(NAME, "")
        if self.face == "": return {"getDefaultZone": it["default"]}[what]
        if self.face == ".zone":
            if what == "getActiveZones": return it["active"]
            if what == "getZones": return sorted(it["runtime"])
            life, zone, words = "runtime", words[0], words[1:]
        elif self.face == ".config": return {"listZones": ["/" + name for name in it["permanent"]]}[what]
        elif self.face == "org.freedesktop.DBus.Properties": return self.path[1:]
        else: life, zone = "permanent", self.path[1:]
        rules = it[life][zone]
        if what in ("getPorts", "getProtocols"): return [["8080", "tcp"]] if what == "getPorts" and zone == "internal" else []
        if what == "getRichRules": return rules
        if "broken" in it: raise DBusException(it["broken"])
        if what == "addRichRule":
            if words[0] in rules: raise DBusException("ALREADY_ENABLED: there")
            rules.append(words[0])
        else: rules.remove(words[0])
        json.dump(it, open(FILE, "w"))
`;

const RULE = 'rule family="ipv4" source address="10.0.0.0/24" port port="80" protocol="tcp" accept';
const NOTHING = { default: "public", active: { internal: { interfaces: ["eth0"] } } };

onFirewalld("a host with firewalld", () => {
  const rules = resources("FirewallRule");
  const web = { port: 80, source: "10.0.0.0/24" };
  const zones = () => JSON.parse(readFileSync(join(rules.host.root, "/run/firewalld.json"), "utf8"));
  const has = (runtime: string[], permanent: string[]) =>
    rules.host.write(
      "/run/firewalld.json",
      JSON.stringify({
        ...NOTHING,
        runtime: { internal: [], public: runtime },
        permanent: { internal: [], public: permanent },
      }),
    );
  const program = (path: string, text: string) => {
    rules.host.write(path, text);
    chmodSync(join(rules.host.root, path), 0o755);
  };

  beforeEach(() => {
    rules.host.write("/run/bus/dbus.py", BUS);
    has([], []);
    for (const tool of ["firewall-offline-cmd", "ufw"])
      program(`/usr/local/sbin/${tool}`, `#!/bin/sh\necho "${tool} $*" >>/run/log\n`);
    program(
      "/usr/local/sbin/its-python",
      `#!/bin/sh\necho python >>/run/log\nPYTHONPATH=/run/bus exec ${python} "$@"\n`,
    );
    program("/usr/local/sbin/firewall-cmd", "#! /usr/local/sbin/its-python -s\nraise SystemExit('asked by itself')\n");
  });

  /** What was started of firewalld during `work`. */
  async function started(work: () => Promise<unknown>): Promise<string[]> {
    const before = rules.host.calls().length;
    await work();
    return rules.host
      .calls()
      .slice(before)
      .filter((line) => /^(python|firewall)/.test(line));
  }

  test("a rule comes by three programs, is looked at by one, and goes by four", async () => {
    expect(await started(() => rules.make(web))).toEqual(["python", "python", "python"]);
    expect(zones()).toMatchObject({ runtime: { public: [RULE] }, permanent: { public: [RULE] } });
    expect(await started(async () => expect((await rules.read(web)).reported).toMatchObject({ open: true }))).toEqual([
      "python",
    ]);
    expect(await started(() => rules.make(web, web))).toEqual(["python"]);
    // The last look comes once more after a new connection has proven that the rule did not let us in.
    expect(await started(() => rules.drop(web))).toEqual(["python", "python", "python", "python"]);
    expect(zones()).toMatchObject({ runtime: { public: [] }, permanent: { public: [] } });
  });

  test("what is there in one of the places is added to the other alone", async () => {
    has([RULE], []);
    await rules.make(web);
    expect(zones()).toMatchObject({ runtime: { public: [RULE] }, permanent: { public: [RULE] } });
    await rules.drop(web);
    expect(zones()).toMatchObject({ runtime: { public: [RULE] }, permanent: { public: [] } });
  });

  test("the owner's port of an interface's own zone is seen", async () => {
    const owned = { port: 8080, inInterface: "eth0" };
    const before = zones();
    expect((await rules.make(owned)).reported).toMatchObject({ open: true, firewall: "firewalld, zone internal" });
    expect(zones()).toEqual(before);
    await rules.make({ port: 8080 });
    expect(zones().runtime.public).toEqual(['rule port port="8080" protocol="tcp" accept']);
  });

  test("what firewalld refuses is told", async () => {
    const { default: name, ...more } = zones();
    rules.host.write("/run/firewalld.json", JSON.stringify({ default: name, ...more, broken: "INVALID_RULE: no" }));
    const { failure } = await rules.make(web);
    expect(String(failure)).toContain("runtime zone public: INVALID_RULE: no");
  });

  test("an interpreter without its module for D-Bus is an error, and not a host that filters nothing", async () => {
    rules.host.remove("/run/bus/dbus.py");
    rules.host.write("/run/bus/dbus.py", "raise ImportError('no D-Bus here')");
    await expect(rules.read(web)).rejects.toThrow(
      /host memory: asking firewalld by D-Bus, .*: ImportError: no D-Bus here\. Does "firewall-cmd --list-all-zones" work/,
    );
  });

  test("where firewalld does not run, its zones are asked for only if one of them has a rule", async () => {
    rules.host.write("/run/firewalld.json", "{}");
    expect(await started(() => rules.read(web))).toEqual(["python"]);
    rules.host.write("/etc/firewalld/zones/public.xml", "<zone><rule><accept/></rule></zone>");
    expect(await started(() => rules.read(web))).toEqual(["python", "firewall-offline-cmd --list-all-zones"]);
    rules.host.remove("/run/firewalld.json");
    expect(await started(() => rules.read(web))).toEqual(["python", "firewall-offline-cmd --list-all-zones"]);
  });
});
