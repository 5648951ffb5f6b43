import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandsOf } from "../guide";
import { changed, snapshots } from "./snapshot";
import { LabStack, must, run } from "./stack";
import { User } from "./user";

jest.setTimeout(15 * 60_000);

const nat = new LabStack("nat-test", "172.17.111.117", 13);
const stack = nat.name;
const hosts = ["director", "rs1", "rs2"];
const before: Record<string, string[]> = {};
let traces: string;
const users: User[] = [];

beforeAll(async () => {
  traces = await mkdtemp(join(tmpdir(), "lvs-trace-"));
  await nat.bare("twoArm");
});

afterAll(async () => {
  await Promise.all(users.map((one) => one.leave()));
  if (!process.env.LVS_KEEP_LAB) await nat.clear();
  await rm(traces, { recursive: true, force: true });
});

/** A user with a home directory and a Pulumi backend of their own, for as long as the tests run. */
async function user(): Promise<User> {
  const one = await User.in(nat);
  users.push(one);
  return one;
}

/** Returns which hosts were dialled while Pulumi did something. */
async function dials(name: string, words: string[]): Promise<{ text: string; dials: string[] }> {
  const trace = join(traces, name);
  const text = await must(["pulumi", ...words, "-s", stack, "--color", "never"], { LVS_TRACE: trace });
  const lines = existsSync(trace) ? readFileSync(trace, "utf8").trim().split("\n") : [];
  const events = lines.map((line) => JSON.parse(line) as { event: string; host: string; connected?: boolean });
  return { text, dials: events.filter(({ connected }) => connected).map(({ host }) => host) };
}

const TUTORIAL = [
  `-A -t ${nat.vip}:80 -s wrr`,
  `-a -t ${nat.vip}:80 -r 192.168.199.143:80 -m -w 1`,
  `-a -t ${nat.vip}:80 -r 192.168.199.146:80 -m -w 1`,
].sort();

describe("experiment 1, nat", () => {
  it("boots bare machines that have none of what the product installs", async () => {
    const bare = hosts.map(async (host) => {
      const installed = ["lab", "ssh", `${stack}/${host}`, "command -v ipvsadm nginx ldirectord || echo none"];
      expect(await must(installed)).toBe("none\n");
    });
    await Promise.all(bare);
    Object.assign(before, await snapshots(nat, hosts));
  });

  it("makes the site on hosts of one's own by the guide's commands, and leaves no trace", async () => {
    const own = await user();
    const commands = commandsOf("docs/own-hosts.md", "## The first experiment", {
      shop: "nat-test-own",
      "stack init": "stack init --no-select",
      "192.0.2.10": nat.vip,
      "10.0.0.1": "192.168.199.145",
      "10.0.0.11": "192.168.199.146",
    });
    const last = commands.pop();
    expect(last).toBe("npm run pulumi -- up -s nat-test-own");
    commands.push("npm run pulumi -- config set --path hosts.rs2.address 192.168.199.143 -s nat-test-own");
    await own.sh(commands.join("\n"));
    const pulumi = (words: string) => own.sh(`npm run pulumi -- ${words} -s nat-test-own --color never`);
    expect(await pulumi("preview")).toMatch(/\+ .*VirtualService nat-80 create/);
    await pulumi("up --yes --skip-preview");
    expect(await nat.table()).toEqual(TUTORIAL);
    await nat.answersAlternate();
    // The configuration says: as a user who is not root, through the director.
    expect(await nat.on("rs1", "journalctl -u ssh | grep -c 'for admin from 192.168.199.145'")).toMatch(/^[1-9]/);
    await pulumi("up --yes --skip-preview --expect-no-changes");
    await pulumi("destroy --yes --skip-preview");
    expect(await changed(nat, before)).toEqual({ director: [], rs1: [], rs2: [] });
  });

  it("makes the tutorial's site, with requests alternating", async () => {
    await must(["start", "nat", "--stack", stack]);
    expect(await nat.table()).toEqual(TUTORIAL);
    await nat.answersAlternate();
    const second = ["lab", "run", "--client", "2", stack, "curl", "-s"];
    expect(await must([...second, `http://${nat.vip}/index.html`])).toMatch(/rs[12]/);
    expect(await must([...second, `http://${nat.vip}/ok.html`])).toBe("OK\n");
  });

  it("a second `up` has nothing to do, and a preview asks no host", async () => {
    expect((await dials("preview", ["preview", "--expect-no-changes"])).dials).toEqual([]);
    expect((await dials("second", ["up", "--yes", "--skip-preview", "--expect-no-changes"])).dials).toEqual([]);
  });

  it("keeps no private key or secret in the plain text of its state", async () => {
    const state = await nat.pulumi("stack", "export");
    expect(state).not.toMatch(/PRIVATE KEY/);
    expect(state).toMatch(/"ciphertext"/);
  });

  it("changes one weight by one connection, as one line of a preview, without losing a request", async () => {
    await nat.configure("weights.rs1", "3");
    const preview = await nat.pulumi("preview", "--diff");
    expect(preview).toMatch(/^ *~ 192\.168\.199\.146:80/m);
    expect(preview).not.toMatch(/^ *[~+-] 192\.168\.199\.143:80/m);
    let dialled: string[] = [];
    const codes = await nat.underLoad(async () => {
      dialled = (await dials("weight", ["up", "--yes", "--skip-preview"])).dials;
    });
    expect(dialled).toEqual(["director"]);
    expect(codes.length).toBeGreaterThan(10);
    expect(codes.filter((code) => code !== "200")).toEqual([]);
    expect(await nat.table()).toContain(`-a -t ${nat.vip}:80 -r 192.168.199.146:80 -m -w 3`);
    const answers = await nat.backends(8);
    expect(answers.filter((server) => server === "rs1")).toHaveLength(6);
    await nat.configure("weights.rs1", "1");
    await nat.up();
    expect(await nat.table()).toEqual(TUTORIAL);
  });

  it("shows what was changed by hand, leaves what is somebody else's, and repairs the rest", async () => {
    await nat.on(
      "director",
      `ipvsadm -d -t ${nat.vip}:80 -r 192.168.199.143:80; ipvsadm -e -t ${nat.vip}:80 -r 192.168.199.146:80 -m -w 7
       sysctl -qw net.ipv4.ip_forward=0; ipvsadm -A -t ${nat.vip}:8080 -s rr`,
    );
    await nat.on("rs1", "systemctl disable --now nginx; ip route del default");
    const seen = await nat.pulumi("refresh", "--yes", "--diff");
    expect(seen).toMatch(/192\.168\.199\.143:80/);
    expect(seen).toMatch(/192\.168\.199\.146:80\s*: "weight 1" => "weight 7"/);
    expect(seen).toMatch(/value\s*: "1" => "0"/);
    expect(seen).toMatch(/enabled\s*: true => false/);
    expect(seen).toMatch(/running\s*: true => false/);
    expect(seen).toMatch(/via\s*: "192\.168\.199\.145"/);
    expect(seen).not.toMatch(/8080/);
    await nat.up();
    expect(await nat.table()).toEqual([...TUTORIAL, `-A -t ${nat.vip}:8080 -s rr`].sort());
    expect(await nat.on("director", "cat /proc/sys/net/ipv4/ip_forward")).toBe("1\n");
    expect(new Set(await nat.backends(4))).toEqual(new Set(["rs1", "rs2"]));
    await nat.on("director", `ipvsadm -D -t ${nat.vip}:8080`);
  });

  it("shares its director with another team, refuses the team's change of its service, and stays when the team goes", async () => {
    const team = await user();
    const pulumi = ["node", "tools/bootstrap.mjs", "pulumi", "-C", "test/lab/second-team", "--color", "never"];
    const theirs = async (...words: string[]) => {
      const { exit, text } = await team.try(...pulumi, ...words);
      if (exit !== 0) throw new Error(text);
    };
    const up = ["up", "-s", "second", "--yes", "--skip-preview"];
    const everything = "ipvsadm -Sn; cd /; find etc/lvs etc/sysctl.d var/lib/lvs -type f | sort | xargs sha256sum";
    const alone = await nat.on("director", everything);

    await theirs("stack", "init", "second", "--no-select");
    const coming = await nat.underLoad(() => theirs(...up, "-c", `director=${nat.vip}`, "-c", "port=8080"));
    expect(await nat.inLab(`curl -s -o /dev/null -D - --max-time 10 http://${nat.vip}:8080/`, 2)).toMatch(
      /^X-Backend: rs1/im,
    );
    await nat.pulumi("preview", "--expect-no-changes");
    await nat.pulumi("up", "--refresh", "--yes", "--skip-preview", "--expect-no-changes");

    const together = await nat.on("director", everything);
    const { exit, text } = await team.try(...pulumi, ...up, "-c", "port=80");
    expect(exit).not.toBe(0);
    expect(text).toMatch(/172\.17\.111\.117:80 is declared differently by pulumi-lvs\/nat-test\/nat-80\./);
    expect(await nat.on("director", everything)).toBe(together);

    const going = await nat.underLoad(() => theirs("destroy", "-s", "second", "--yes", "--skip-preview"));
    expect(await nat.on("director", everything)).toBe(alone);
    expect(await nat.on("director", "cat /proc/sys/net/ipv4/ip_forward")).toBe("1\n");
    for (const codes of [coming, going]) {
      expect(codes.length).toBeGreaterThan(10);
      expect(codes.filter((code) => code !== "200")).toEqual([]);
    }
  });

  it("works again after reboots, a restarted network manager and a flapped link, without an `up`", async () => {
    await nat.reboot(hosts);
    await nat.answersAgain();
    expect(await nat.table()).toEqual(TUTORIAL);
    await nat.restartNetwork(hosts);
    await nat.answersAgain();
    await nat.on("rs1", "ip link set eth0 down; sleep 1; ip link set eth0 up");
    await nat.answersAgain();
    await nat.pulumi("up", "--refresh", "--yes", "--skip-preview", "--expect-no-changes");
  });

  it("refuses a gateway that cuts off the connection; the host puts the old one back by itself", async () => {
    await must(["lab", "up", stack, "--routed", "rs2"]);
    await nat.configure("gateway", "192.168.199.250");
    const { exit, text } = await run(["pulumi", "up", "--yes", "--skip-preview", "-s", stack, "--color", "never"]);
    expect(exit).not.toBe(0);
    expect(text).toMatch(/host rs2: .*cut off our own connection; the host has put the old state back by itself/);
    expect(await nat.on("rs2", "ip route show default")).toMatch(/192\.168\.199\.145/);
    await nat.configure("gateway", "192.168.199.145");
    await nat.up();
    expect(new Set(await nat.backends(4))).toEqual(new Set(["rs1", "rs2"]));
  });

  it("configures a machine anew that was replaced", async () => {
    const machine = await nat.on("rs1", "cat /etc/machine-id");
    await nat.configure("generations.rs1", "2");
    await nat.up();
    expect(await nat.on("rs1", "cat /etc/machine-id")).not.toBe(machine);
    expect(new Set(await nat.backends(4))).toEqual(new Set(["rs1", "rs2"]));
    delete before.rs1;
  });

  it("puts every host back as it was found", async () => {
    await must(["start", "bare", "--stack", stack]);
    expect(await changed(nat, before)).toEqual({ director: [], rs2: [] });
    expect(
      await nat.on("rs1", "ls /var/lib/lvs /etc/lvs 2>/dev/null; systemctl is-enabled lvs-boot 2>/dev/null; echo end"),
    ).toMatch(/^(not-found\n)?end\n$/);
  });

  it("destroys the machines, and leaves nothing of the lab", async () => {
    await nat.pulumi("destroy", "--yes", "--skip-preview");
    await must(["lab", "down", stack]);
    expect((await must(["lab", "status"])).includes(stack)).toBe(false);
  });
});
