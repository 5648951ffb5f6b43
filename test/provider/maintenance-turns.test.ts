import { chmodSync } from "node:fs";
import { join } from "node:path";
import { type Command, sh } from "../../provider/host/command";
import { find } from "../../provider/host/fact";
import { poll } from "../../provider/host/poll";
import { outOfService, type Place } from "../../provider/ipvs/maintenance";
import { forgetting } from "../../provider/ipvs/maintenance-end";
import { remember, rememberToo, rememberWeight } from "../../provider/ipvs/maintenance-record";
import { MemoryHost } from "./memory-host";
import { onHosts } from "./on-host";

// An update of a service, a drain and a rollout write the same records, each in a trip with a lock of its own.

const HOLDER = { address: "10.0.1.1" };
const [one, two, three] = [80, 443, 8080].map(
  (port): Place => ({ match: { protocol: "tcp", address: "10.0.0.9", port }, key: `10.0.1.1:${port}`, weight: 2 }),
) as [Place, Place, Place];

/** In the place of a tool: the first call waits until the other command is done, or waits for a lock. */
const pausing = (tool: string) => `#!/bin/sh
if mkdir /run/paused 2>/dev/null; then
  tries=0; until [ -e /run/other ] || [ $tries = 600 ]; do sleep 0.1; tries=$((tries + 1)); done
fi
exec /usr/bin/${tool} "$@"
`;
const TELLING = `#!/bin/sh
[ ! -e /run/paused ] || : >/run/other
exec /usr/bin/flock "$@"
`;

onHosts("two that write a record at the same time", () => {
  let host: MemoryHost;
  beforeEach(() => {
    host = new MemoryHost();
    host.write("/proc/sys/net/ipv4/vs/expire_nodest_conn", "0\n");
  });
  afterEach(() => host[Symbol.dispose]());

  const put = (name: string, text: string) => {
    host.write(`/usr/local/sbin/${name}`, text);
    chmodSync(join(host.root, "/usr/local/sbin", name), 0o755);
  };
  const places = async () => (await find(host, outOfService())).flatMap(({ places }) => places);

  /** Runs a command, and another one in the moment in which the first calls the tool. */
  async function meeting(first: Command, tool: string, second: Command): Promise<(number | undefined)[]> {
    put(tool, pausing(tool));
    put("flock", TELLING);
    const begun = host.run({ steps: [first] });
    await poll(() => host.has("/run/paused"), Boolean, { within: 60, every: 0.05 });
    const other = await host.run({ steps: [second, sh(": >/run/other")] });
    return [...(await begun).steps, ...other.steps].map(({ exit }) => exit);
  }
  const ends = (some: readonly Place[]) => forgetting([{ ...HOLDER, places: some }]).run;

  test("a weight changes while the server comes back: its record goes", async () => {
    await host.run({ steps: [remember([{ ...HOLDER, places: [one] }])] });
    expect(await meeting(rememberWeight({ ...one, weight: 5 }), "sed", ends([one]))).toEqual([0, 0, 0]);
    expect(await places()).toEqual([]);
    expect(host.has("/var/lib/lvs/maintenance")).toBe(false);
  });

  test("two services go: each takes its own place out of the record, and the last takes the record", async () => {
    await host.run({ steps: [remember([{ ...HOLDER, places: [one, two] }])] });
    expect(await meeting(ends([one]), "mv", ends([two]))).toEqual([0, 0, 0]);
    expect(await places()).toEqual([]);
    expect(host.has("/var/lib/lvs/maintenance")).toBe(false);
  });

  test("a destination joins while another service goes", async () => {
    await host.run({ steps: [remember([{ ...HOLDER, places: [one, two] }])] });
    const joining = rememberToo(HOLDER.address, three, { path: "/etc/lvs/boot.d/none", script: ":" });
    expect(await meeting(joining, "mv", ends([two]))).toEqual([0, 0, 0]);
    expect(await places()).toEqual([one, three]);
  });

  test("a weight changes while an operator drains the server again: the new weight stays", async () => {
    await host.run({ steps: [remember([{ ...HOLDER, places: [one] }])] });
    const again = remember([{ ...HOLDER, places: [one, two] }]);
    expect(await meeting(rememberWeight({ ...one, weight: 5 }), "mv", again)).toEqual([0, 0, 0]);
    expect(await places()).toEqual([{ ...one, weight: 5 }, two]);
  });
});
