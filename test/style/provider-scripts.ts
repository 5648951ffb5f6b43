import type { Reply, Session } from "../../provider/host/command";
import { Secret, sh } from "../../provider/host/command";
import { declaredHost } from "../../provider/host/declared";
import { commandLine } from "../../provider/host/privilege";
import { render } from "../../provider/host/shell";
import { askingWhy } from "../../provider/ipvs/check-reasons";
import { parseSpelled, spelled } from "../../provider/ipvs/ipvsadm";
import { bootEntry } from "../../provider/ipvs/maintenance-boot";
import { tellKeepalived, tellLdirectord } from "../../provider/ipvs/maintenance-checker";
import { noteMissed } from "../../provider/ipvs/maintenance-missed";
import { noteMaintenance, rememberToo, rememberWeight } from "../../provider/ipvs/maintenance-record";
import { notKnown } from "../../provider/ipvs/open-connections";
import { kinds } from "../../provider/kinds";
import { announceAgain, withdraw } from "../../provider/linux/bird";
import { hasInstance } from "../../provider/linux/vrrp";
import type { Match } from "../../provider/model";
import { addressesOf, namedAddresses } from "../../provider/operations";
import { bootState, fragment, removeBoot, runner, writeBoot } from "../../provider/reconcile/boot";
import { adoptFormer } from "../../provider/reconcile/former-names";
import type { BootFile, Kind } from "../../provider/reconcile/kind";
import { entryOf, forget, forgetUnlessKept, record, unchanged } from "../../provider/reconcile/ledger";
import { disarmFormer } from "../../provider/reconcile/risky";
import { runSteps } from "../../provider/reconcile/steps";
import { giveUp } from "../../provider/workflows/failover/giving-up";
import {
  armWayBack,
  disarmWayBack,
  isAway,
  START,
  takeBackFromCheck,
} from "../../provider/workflows/failover/way-back";
import { endOfLog, runIn, switchTo, untilReady, whatRuns } from "../../provider/workflows/rollout/application-server";
import {
  leaveTable,
  putBackIntoTable,
  tellChecker,
  untilConnectionsEnd,
} from "../../provider/workflows/rollout/director-table";
import { lookAtDirector, servicesOf } from "../../provider/workflows/rollout/director-view";
import { checkArp } from "../../provider/workflows/traffic-check/arp-probe";
import { type ArpExpectation, trafficInputs } from "../../provider/workflows/traffic-check/inputs";
import { requestFrom } from "../../provider/workflows/traffic-check/requests";
import { casesOf, changeOf, kindsWithCases } from "../provider/cases";
import type { Script } from "./shellcheck";

/**
 * Makes every part of the provider write its scripts. Returns the scripts that are no commands: those that run at boot,
 * and the frame of a trip.
 */
export async function makeScripts(): Promise<Script[]> {
  const files = kindsWithCases.flatMap((name) => makeCases(kinds.get(name) as Kind, name));
  makeReconcile();
  await makeWorkflows();
  const fragments = files.filter(({ path }) => path.startsWith("/etc/lvs/boot.d/"));
  return [
    ...fragments.map(({ path, text }) => ({ from: path, text })),
    { from: "/etc/lvs/boot", text: runner },
    { from: "provider/host/shell.ts", text: trip() },
    ...commandLines(),
  ];
}

/** Makes a kind look and plan in its recorded cases. Returns the kind's boot files. */
function makeCases(kind: Kind, name: string): BootFile[] {
  return casesOf(name).flatMap((one) => {
    if (one.problems) return [];
    const change = changeOf(kind, one.inputs ? { want: one.inputs } : one);
    kind.look(change);
    if (change.want) kind.advice?.(change.want, { hints: { ports: [80] }, declared: () => [] });
    if (one.steps) kind.plan(change, one.seen);
    return (change.want && kind.boot?.(change.want)) ?? [];
  });
}

const ENTRY = { kind: "Sysctl", identity: "net.ipv4.ip_forward", found: {}, owners: {} };

function makeReconcile(): void {
  entryOf("it");
  record("it", undefined, ENTRY);
  forget("it", ENTRY);
  forgetUnlessKept("it");
  disarmFormer("it");
  adoptFormer(kinds.get("File") as Kind, { path: "/etc/it.new" });
  for (const file of [fragment(10, "Link", "it", ":"), { path: "/etc/sysctl.d/it.conf", text: "" }])
    for (const make of [bootState, writeBoot, removeBoot]) make(file);
}

const ADDRESS = "10.0.0.2";
const MATCH = parseSpelled("-t 10.0.0.9:80") as Match;
const PLACE = { match: MATCH, key: `${ADDRESS}:80`, weight: 1 };

async function makeWorkflows(): Promise<void> {
  const risky = { undo: sh("ip route add default"), touches: "way", advice: "" } as const;
  const cutting = { run: sh("ip route del default"), purpose: "it", risky };
  await runSteps(host, "it", [{ run: sh(":"), purpose: "it" }, cutting], [], unchanged("it", ENTRY));
  const application = { site: "shop", root: "/srv/shop" };
  switchTo(application, "a1b2c3d4");
  untilReady({ path: "/", status: 200, within: 1 }, ADDRESS, "rs1");
  whatRuns(application);
  endOfLog(application);
  runIn(application, "a1b2c3d4", "shop", ["true"]);
  const destination = { forwarding: "dr", weight: 1, upperThreshold: 0, lowerThreshold: 0 } as const;
  const service = { scheduler: "rr", flags: [], persistence: undefined, onePacket: false };
  const table = { [spelled(MATCH)]: { ...service, destinations: { [PLACE.key]: destination } } };
  const checkers = [{ name: "ldirectord", folder: "/etc/ha.d/maintenance", content: "", patience: 1 } as const];
  // The fake host's answer is no record of a maintenance.
  await expect(lookAtDirector(host, servicesOf([{ vip: "10.0.0.9", mark: 99 }]))).rejects.toThrow("cannot be read");
  const view = { host: "director", holds: [], missed: [], table, out: [], checkers, isOwn: () => true };
  const note = { reason: "a disk", by: "root@here", since: "2026-01-01T00:00:00Z" };
  leaveTable(view, [ADDRESS], "operator", note);
  leaveTable({ ...view, checkers: [] }, [ADDRESS], "operator");
  untilConnectionsEnd(view, ADDRESS, { timeout: 1, onTimeout: "fail" });
  tellChecker(view, ADDRESS);
  putBackIntoTable({ ...view, out: [{ address: ADDRESS, site: "shop", places: [PLACE] }] }, [ADDRESS], {
    site: "shop",
  });
  noteMaintenance(ADDRESS, note);
  rememberWeight(PLACE);
  for (const directors of [[], ["d1"]]) noteMissed({ address: ADDRESS, directors, since: note.since });
  rememberToo(ADDRESS, PLACE, bootEntry(ADDRESS, MATCH, PLACE.key, destination));
  tellLdirectord([ADDRESS]);
  tellKeepalived("/etc/keepalived/lvs-checks", [ADDRESS]);
  withdraw("it", note);
  announceAgain("it");
  giveUp("it", { reason: "it", by: "it", since: "it" });
  hasInstance("it");
  armWayBack("it", START);
  disarmWayBack("it");
  isAway("it");
  takeBackFromCheck("it");
  notKnown([]);
  await addressesOf(declaredHost.parse({ name: "it" }));
  await namedAddresses(declaredHost.parse({ name: "it" }), ["www"]);
  askingWhy("/etc/ha.d/ldirectord.cf", [{ match: MATCH, servers: [PLACE.key], nobody: true }]);
  const director = { name: "director" };
  const arp = { address: "10.0.0.9", device: "eth0", director };
  const traffic = trafficInputs.parse({ url: "http://10.0.0.9/", host: { name: "client" }, expect: { arp } });
  await requestFrom(host, traffic);
  // The fake host's answer is no answer of arping.
  await expect(checkArp(traffic, traffic.expect.arp as ArpExpectation)).rejects.toThrow("arping failed");
}

/** A host on which every command succeeds and prints something. */
export const host: Session = {
  name: "host",
  run: async ({ steps = [], looks = [] }) => ({ machine: "", steps: steps.map(done), looks: looks.map(done) }),
  upload: async () => {},
  reconnect: async () => {},
};

function done(): Reply {
  return { exit: 0, stdout: "it\n", stderr: "" };
}

/** A trip with each sort of command. */
function trip(): string {
  const inputs = ["line\n", "no line", new Secret("secret\n")];
  const commands = [
    { argv: ["grep", "it's"] },
    sh('echo "$1"', "a b"),
    ...inputs.map((stdin) => ({ argv: ["cat"], stdin })),
  ];
  return render({ lock: "it", steps: commands, looks: commands }).text;
}

function commandLines(): Script[] {
  const users = [{}, { user: "admin" }, { user: "admin", sudo: true }, { user: "admin", sudo: { password: "secret" } }];
  return users.flatMap((user) =>
    [undefined, 60].map((boot) => ({
      from: "provider/host/privilege.ts",
      text: commandLine(declaredHost.parse({ name: "it", ...user }), { script: 1, boot }),
    })),
  );
}
