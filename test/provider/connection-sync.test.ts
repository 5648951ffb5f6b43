import { kinds } from "../../provider/kinds";
import type { Kind } from "../../provider/reconcile/kind";

const connectionSync = kinds.get("ConnectionSync") as Kind;

test.each([
  ["lo", "ff05::9", "Network is unreachable", /^lo has no way to ff05::9: lo has none to any group of IPv6/],
  ["eth0", "224.0.0.81", "Network is unreachable", /^eth0 has no way to 224.0.0.81: is the interface up/],
  ["eth7", "224.0.0.81", "No such device", /^Is eth7 an interface of the host/],
  ["eth0", "ff05::9", "Cannot assign requested address", /address of the group's family/],
  ["eth0", "224.0.0.81", "Operation not permitted", undefined],
])("what helps where a sync daemon on %s for %s fails with: %s", (device, group, stderr, cure) => {
  const want = connectionSync.inputs.parse({ device, group });
  const steps = connectionSync.plan({ want, had: undefined, found: undefined }, { daemons: {}, settings: {} });
  expect(steps).toHaveLength(2);
  for (const step of steps) {
    const said = step.advice?.({ exit: 255, stdout: "", stderr });
    if (cure) expect(said).toMatch(cure);
    else expect(said).toBeUndefined();
  }
});

test.each([
  ["hears what a packet has", {}, 1, []],
  ["hears more than is told", { hears: 9000 }, 4000, []],
  ["hears less than a packet has, although more than we tell", { hears: 1000 }, 1, ["backup"]],
  ["hears less than is told", { hears: 2000 }, 4000, ["backup"]],
])("a backup that %s: what is started anew", (_, hearing, messageSize, anew) => {
  const want = connectionSync.inputs.parse({ device: "eth0", messageSize });
  const daemon = { device: "eth0", syncId: 1, group: "224.0.0.81" };
  const daemons = { master: { ...daemon, messageSize }, backup: { ...daemon, ...hearing } };
  const steps = connectionSync.plan({ want, had: want, found: undefined }, { daemons, settings: {} });
  const started = steps.map(({ purpose }) => /starting the sync daemon (\w+)/.exec(purpose ?? "")?.[1]);
  expect(started.filter(Boolean)).toEqual(anew);
  expect(connectionSync.report(want, { daemons, settings: {} })).toMatchObject({ running: anew.length === 0 });
});
