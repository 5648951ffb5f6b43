import { type Command, sh } from "../host/command";
import { LvsError } from "../host/errors";
import { type Fact, fact, jsonOf } from "../host/fact";
import { quote } from "../host/shell";

/** A zone of firewalld (firewalld.zone(5)), as it is now ("runtime") or as firewalld keeps it for its next start ("permanent"). */
export interface Zone {
  readonly life: "runtime" | "permanent";
  readonly name: string;
  /** What is in the zone now. A permanent zone has none here. */
  readonly interfaces: readonly string[];
  readonly sources: readonly string[];
  /** Ports ("80/tcp"), protocols, and rules in the rich language (firewalld.richlanguage(5)), as firewalld prints them. */
  readonly allowed: readonly string[];
}

export interface Firewalld {
  /** The zone of interfaces that are in no other; undefined if firewalld does not run. */
  readonly byDefault?: string;
  /** While firewalld does not run: the permanent zones, if one of them has a rule. */
  readonly zones: readonly Zone[];
}

/**
 * Begins each conversation. firewall-cmd asks one thing a start, and a start takes seconds on a slow host. So one program asks
 * firewalld by D-Bus (firewalld.dbus(5)), as firewall-cmd does: by the same interpreter, which has the module for it. firewalld
 * is not started by this. The folder of a program of `-c` is where the interpreter looks for modules: it has to be root's.
 */
const BEGIN = `import dbus, json, sys
try:
    bus = dbus.SystemBus()
    runs = bus.name_has_owner("org.fedoraproject.FirewallD1")
except dbus.exceptions.DBusException:
    runs = False
root, name = "/org/fedoraproject/FirewallD1", "org.fedoraproject.FirewallD1"
def on(path, face):
    thing = dbus.Interface(bus.get_object(name, path, introspect=False), face)
    return lambda what, *words: thing.get_dbus_method(what)(*words, timeout=100)
def permanent():
    ask = on(root + "/config", name + ".config")
    for path in ask("listZones"):
        called = on(path, "org.freedesktop.DBus.Properties")("Get", name + ".config.zone", "name")
        yield called, on(path, name + ".config.zone")
`;

const ASK = `${BEGIN}
def zone(life, called, ask, more={}):
    ports = ["%s/%s" % (port[0], port[1]) for port in ask("getPorts")]
    allowed = ports + list(ask("getProtocols")) + list(ask("getRichRules"))
    there = {"interfaces": more.get("interfaces", []), "sources": more.get("sources", [])}
    return dict(there, life=life, name=called, allowed=allowed)
def seen():
    ask = on(root, name + ".zone")
    active = ask("getActiveZones")
    for called in ask("getZones"):
        yield zone("runtime", called, lambda what: ask(what, called), active.get(called, {}))
    for called, asked in permanent():
        yield zone("permanent", called, asked)
if runs:
    print(json.dumps({"byDefault": on(root, name)("getDefaultZone"), "zones": list(seen())}))
`;

/** A rule that is there already, or has gone already, is no failure: firewall-cmd takes it so, too. */
const TELL = `${BEGIN}
if not runs:
    sys.exit("firewalld does not run any more")
verb, rule = sys.argv[1:3]
for life, called in (place.split(" ") for place in sys.argv[3:]):
    try:
        if life == "runtime":
            on(root, name + ".zone")(verb + "RichRule", called, rule, *([dbus.Int32(0)] if verb == "add" else []))
        else:
            tells = [tell for one, tell in permanent() if one == called]
            if not tells:
                sys.exit("firewalld has no permanent zone " + called)
            tells[0](verb + "RichRule", rule)
    except dbus.exceptions.DBusException as error:
        if not error.get_dbus_message().startswith(("ALREADY_ENABLED", "NOT_ENABLED")):
            sys.exit("%s zone %s: %s" % (life, called, error.get_dbus_message()))
`;

/** Shell: runs a program with the script's arguments, by firewall-cmd's interpreter with the options that it has there. */
const byItsPython = (program: string) => `cd / || exit
python=$(sed -n '1s/^#! *//p' "$(command -v firewall-cmd)") || exit
$python -c ${quote(program)} "$@"`;

/** What firewalld lets in by its zones, in one program. */
export const firewalldThere: Fact<Firewalld> = fact(
  sh(
    `command -v firewall-cmd >/dev/null || exit 0
    said=$(${byItsPython(ASK)}) || exit
    if [ -n "$said" ]; then printf '%s\\n' "$said"
    elif grep -qs '<rule' /etc/firewalld/zones/*.xml; then firewall-offline-cmd --list-all-zones; fi`,
  ),
  ({ exit, stdout, stderr }) => {
    if (exit !== 0)
      throw new LvsError(
        `asking firewalld by D-Bus, as firewall-cmd does: ${stderr.trim().split("\n").at(-1)}. Does "firewall-cmd --list-all-zones" work there?`,
      );
    if (!stdout.startsWith("{")) return { zones: zonesOf(stdout) };
    return jsonOf<Firewalld>(stdout, (why) => `what firewalld says of its zones cannot be read: ${why}`);
  },
);

/**
 * Adds a rich rule to places, or removes it, in one program.
 *
 * @param places "runtime public", "permanent public"
 * @param runs whether firewalld runs. If not, the places are permanent ones.
 */
export function changeRichRule(
  verb: "add" | "remove",
  rule: string,
  places: readonly string[],
  runs: boolean,
): Command {
  if (runs) return sh(byItsPython(TELL), verb, rule, ...places);
  return sh(
    `verb=$1 rule=$2; shift 2
    for place in "$@"; do firewall-offline-cmd --zone="\${place#* }" "--$verb-rich-rule=$rule" || exit; done`,
    verb,
    rule,
    ...places,
  );
}

/** Reads the output of `--list-all-zones`. Each zone is a paragraph. Its rich rules stand at the end, one a line. */
function zonesOf(text: string): Zone[] {
  return text.split(/\n\n+/).flatMap((paragraph) => {
    const name = /^\S+/.exec(paragraph)?.[0];
    const words = (field: string) =>
      new RegExp(`^  ${field}: (.+)$`, "m").exec(paragraph)?.[1]?.trim().split(" ") ?? [];
    const rules = [...paragraph.matchAll(/^\t(rule .*)$/gm)].map(([, rule]) => rule as string);
    const allowed = [...words("ports"), ...words("protocols"), ...rules];
    return name ? [{ life: "permanent", name, interfaces: [], sources: [], allowed }] : [];
  });
}
