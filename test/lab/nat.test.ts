import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { difference, snapshot } from "./snapshot";
import { backends, configure, inLab, must, on, pulumi, run, stack, underLoad, up, VIP } from "./stack";

jest.setTimeout(15 * 60_000);

const hosts = ["director", "rs1", "rs2"];
const before: Record<string, string[]> = {};
let traces: string;

beforeAll(async () => {
  traces = await mkdtemp(join(tmpdir(), "lvs-trace-"));
  await must(["lab", "down", stack]);
});

afterAll(async () => {
  if (!process.env.LVS_KEEP_LAB) await must(["lab", "down", stack]);
  await rm(traces, { recursive: true, force: true });
});

/** How often hosts were dialled while Pulumi did something. */
async function dials(name: string, words: string[]): Promise<{ text: string; dials: string[] }> {
  const trace = join(traces, name);
  const text = await must(["pulumi", ...words, "-s", stack, "--color", "never"], { LVS_TRACE: trace });
  const lines = existsSync(trace) ? readFileSync(trace, "utf8").trim().split("\n") : [];
  const events = lines.map((line) => JSON.parse(line) as { event: string; host: string; connected?: boolean });
  return { text, dials: events.filter(({ connected }) => connected).map(({ host }) => host) };
}

const table = async () => (await on("director", "ipvsadm -Sn")).trim().split("\n").sort();

const TUTORIAL = [
  `-A -t ${VIP}:80 -s wrr`,
  `-a -t ${VIP}:80 -r 192.168.199.143:80 -m -w 1`,
  `-a -t ${VIP}:80 -r 192.168.199.146:80 -m -w 1`,
].sort();

describe("experiment 1, nat", () => {
  it("boots bare machines that have none of what the product installs", async () => {
    await must(["start", "bare", "--stack", stack]);
    for (const host of hosts) {
      expect(await on(host, "command -v ipvsadm nginx ldirectord || echo none")).toBe("none\n");
      before[host] = await snapshot(host);
    }
  });

  it("makes them the tutorial's site, with requests alternating", async () => {
    await must(["start", "nat", "--stack", stack]);
    expect(await table()).toEqual(TUTORIAL);
    const answers = await backends(8);
    expect(answers.slice(0, 2).sort()).toEqual(["rs1", "rs2"]);
    for (const [i, server] of answers.entries()) expect(server).toBe(answers[i % 2]);
    expect(await inLab(`curl -s http://${VIP}/index.html`, 2)).toMatch(/rs[12]/);
    expect(await inLab(`curl -s http://${VIP}/ok.html`, 2)).toBe("OK\n");
  });

  it("has nothing left to do, and a preview asks no host", async () => {
    expect((await dials("preview", ["preview", "--expect-no-changes"])).dials).toEqual([]);
    expect((await dials("second", ["up", "--yes", "--skip-preview", "--expect-no-changes"])).dials).toEqual([]);
  });

  it("keeps no private key or secret in the plain text of its state", async () => {
    const state = await pulumi("stack", "export");
    expect(state).not.toMatch(/PRIVATE KEY/);
    expect(state).toMatch(/"ciphertext"/);
  });

  it("changes one weight by one connection, as one line of a preview, without losing a request", async () => {
    await configure("weights.rs1", "3");
    const preview = await pulumi("preview", "--diff");
    expect(preview).toMatch(/192\.168\.199\.146:80/);
    expect(preview).not.toMatch(/192\.168\.199\.143:80/);
    let dialled: string[] = [];
    const codes = await underLoad(async () => {
      dialled = (await dials("weight", ["up", "--yes", "--skip-preview"])).dials;
    });
    expect(dialled).toEqual(["director"]);
    expect(codes.length).toBeGreaterThan(10);
    expect(codes.filter((code) => code !== "200")).toEqual([]);
    expect(await table()).toContain(`-a -t ${VIP}:80 -r 192.168.199.146:80 -m -w 3`);
    const answers = await backends(8);
    expect(answers.filter((server) => server === "rs1")).toHaveLength(6);
    await configure("weights.rs1", "1");
    await up();
    expect(await table()).toEqual(TUTORIAL);
  });

  it("sees what was changed by hand, leaves what is not its own, and repairs the rest", async () => {
    await on(
      "director",
      `ipvsadm -d -t ${VIP}:80 -r 192.168.199.143:80; ipvsadm -e -t ${VIP}:80 -r 192.168.199.146:80 -m -w 7
       sysctl -qw net.ipv4.ip_forward=0; ipvsadm -A -t ${VIP}:8080 -s rr`,
    );
    await on("rs1", "systemctl stop nginx; ip route del default");
    const seen = await pulumi("refresh", "--yes", "--diff");
    expect(seen).toMatch(/192\.168\.199\.143:80/);
    expect(seen).toMatch(/weight\s*: 1 => 7/);
    expect(seen).toMatch(/value\s*: "1" => "0"/);
    expect(seen).toMatch(/running\s*: true => false/);
    expect(seen).toMatch(/via\s*: "192\.168\.199\.145"/);
    expect(seen).not.toMatch(/8080/);
    await up();
    expect(await table()).toEqual([...TUTORIAL, `-A -t ${VIP}:8080 -s rr`].sort());
    expect(await on("director", "cat /proc/sys/net/ipv4/ip_forward")).toBe("1\n");
    expect(new Set(await backends(4))).toEqual(new Set(["rs1", "rs2"]));
    await pulumi("up", "--refresh", "--yes", "--skip-preview", "--expect-no-changes");
    await on("director", `ipvsadm -D -t ${VIP}:8080`);
  });

  it("is there again after reboots, a restarted network manager and a flapped link, with nothing run", async () => {
    const rebooted = await Promise.all(hosts.map((host) => on(host, "cat /proc/sys/kernel/random/boot_id")));
    for (const host of hosts) await run(["lab", "ssh", `${stack}/${host}`, "systemctl reboot"]);
    await answersAgain();
    const now = await Promise.all(hosts.map((host) => on(host, "cat /proc/sys/kernel/random/boot_id")));
    for (const [i, id] of now.entries()) expect(id).not.toBe(rebooted[i]);
    expect(await table()).toEqual(TUTORIAL);
    for (const host of hosts) await on(host, "systemctl restart systemd-networkd");
    await answersAgain();
    await on("rs1", "ip link set eth0 down; sleep 1; ip link set eth0 up");
    await answersAgain();
    await pulumi("up", "--refresh", "--yes", "--skip-preview", "--expect-no-changes");
  });

  it("refuses a gateway that cuts off the connection; the host puts the old one back by itself", async () => {
    await must(["lab", "up", stack, "--routed", "rs2"]);
    await configure("gateway", "192.168.199.250");
    const { exit, text } = await run(["pulumi", "up", "--yes", "--skip-preview", "-s", stack, "--color", "never"]);
    expect(exit).not.toBe(0);
    expect(text).toMatch(/host rs2: .*cut off our own connection; the host has put the old state back by itself/);
    expect(await on("rs2", "ip route show default")).toMatch(/192\.168\.199\.145/);
    await configure("gateway", "192.168.199.145");
    await up();
    expect(new Set(await backends(4))).toEqual(new Set(["rs1", "rs2"]));
  });

  it("configures a machine anew that was replaced", async () => {
    const machine = await on("rs1", "cat /etc/machine-id");
    await configure("generations.rs1", "2");
    await up();
    expect(await on("rs1", "cat /etc/machine-id")).not.toBe(machine);
    expect(new Set(await backends(4))).toEqual(new Set(["rs1", "rs2"]));
    before.rs1 = [];
  });

  it("puts every host back as it was found", async () => {
    await must(["start", "bare", "--stack", stack]);
    for (const host of hosts.filter((name) => before[name]?.length))
      expect({ host, difference: difference(before[host] as string[], await snapshot(host)) }).toEqual({
        host,
        difference: [],
      });
    expect(
      await on("rs1", "ls /var/lib/lvs /etc/lvs 2>/dev/null; systemctl is-enabled lvs-boot 2>/dev/null; echo end"),
    ).toMatch(/^(not-found\n)?end\n$/);
  });

  it("destroys the machines, and leaves nothing of the lab", async () => {
    await pulumi("destroy", "--yes", "--skip-preview");
    await must(["lab", "down", stack]);
    expect((await must(["lab", "status"])).includes(stack)).toBe(false);
  });
});

async function answersAgain(): Promise<void> {
  const end = Date.now() + 4 * 60_000;
  for (;;) {
    const answers = await backends(4);
    if (new Set(answers).size === 2 && !answers.includes("-")) return;
    if (Date.now() > end) throw new Error(`the site does not answer again: ${answers}`);
  }
}
