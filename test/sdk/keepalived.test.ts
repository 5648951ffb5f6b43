import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Host, Keepalived } from "../../sdk/index";
import { renderInstance, type VrrpConfiguration } from "../../sdk/keepalived/config";
import { MAIN_TEXT, REACH_TEXT } from "../../sdk/keepalived/daemon";
import { vrrpProblems } from "../../sdk/keepalived/problems";
import { only, register } from "./registered";

const plain: VrrpConfiguration = {
  ...{ name: "shop", device: "eth0", source: "10.0.0.2", peers: ["10.0.0.3"] },
  addresses: [{ address: "10.0.0.9" }],
};
const whole: VrrpConfiguration = {
  ...{ name: "shop", device: "eth1", source: "10.2.0.2", peers: ["10.2.0.3", "10.2.0.4"], routerId: 7, priority: 200 },
  ...{ preempt: true, advertInterval: 1, garpRefresh: 0, reach: [["10.2.0.3", "10.2.0.11"], ["10.0.0.1"]] },
  addresses: [{ address: "10.0.0.9", device: "eth0", prefix: 24 }, { address: "10.2.0.1" }],
  trackScripts: { uplink: { command: ["/usr/local/sbin/check", "eth0"], interval: 5, fall: 3, weight: -60 } },
};

test("the file of an instance", () => {
  expect(renderInstance(plain)).toBe(`# Written by pulumi-lvs: changes by hand are put back.
track_file shop_given_up {
    file "/etc/keepalived/lvs.d/shop.given-up"
    weight 0
}
vrrp_instance shop {
    state BACKUP
    version 3
    interface eth0
    virtual_router_id 51
    priority 100
    advert_int 0.25
    nopreempt
    garp_master_refresh 1
    unicast_src_ip 10.0.0.2
    unicast_peer {
        10.0.0.3
    }
    check_unicast_src
    track_file {
        shop_given_up
    }
    virtual_ipaddress {
        10.0.0.9/32 dev eth0
    }
    notify /etc/keepalived/lvs-notify root
}
`);
});

test("addresses stand there as the kernel prints them, because a host's own are looked for there", () => {
  const six = { ...plain, source: "FD00:0:0::2", peers: ["fd00::0003"], addresses: [{ address: "FD00::09" }] };
  const lines = renderInstance(six).split("\n");
  for (const line of ["    unicast_src_ip fd00::2", "        fd00::3", "        fd00::9/128 dev eth0"])
    expect(lines).toContain(line);
});

test("every option has its line", () => {
  const lines = renderInstance(whole).split("\n");
  const expected = [
    'script "/etc/keepalived/lvs-reach 10.2.0.3 10.2.0.11"',
    'script "/etc/keepalived/lvs-reach 10.0.0.1"',
    'script "/usr/local/sbin/check eth0"',
    // Of what must be reached: a host that is busy is not cut off.
    "timeout 120",
    "fall 1",
    ...[
      "interval 5",
      "fall 3",
      "weight -60",
      "virtual_router_id 7",
      "priority 200",
      "advert_int 1",
      "preempt_delay 30",
    ],
  ];
  expect(lines).toEqual(expect.arrayContaining(expected.map((line) => `    ${line}`)));
  const floating = ["10.0.0.9/24 dev eth0", "10.2.0.1/32 dev eth1", "eth0", "shop_reach_0", "shop_uplink", "10.2.0.4"];
  expect(lines).toEqual(expect.arrayContaining(floating.map((line) => `        ${line}`)));
  expect(lines.join()).not.toMatch(/nopreempt|garp_master_refresh/);
  expect(vrrpProblems(whole)).toEqual([]);
});

test("a host that takes the addresses back may do so at once", () => {
  expect(renderInstance({ ...whole, preemptDelay: 0 })).not.toMatch(/preempt/);
  expect(renderInstance({ ...whole, preemptDelay: 5 })).toMatch(/^ {4}preempt_delay 5$/m);
});

test("IPv6 has a prefix of its own", () => {
  const six = { ...plain, source: "fd00::2", peers: ["fd00::3"], addresses: [{ address: "fd00::9" }] };
  expect(vrrpProblems(six)).toEqual([]);
  expect(renderInstance(six)).toContain("fd00::9/128 dev eth0");
});

test.each<[string, RegExp, Partial<VrrpConfiguration>]>([
  ["instance", /is no name of a VRRP instance/, { name: "my.shop" }],
  ["routerId", /256 is not a virtual router's id/, { routerId: 256 }],
  ["priority", /1 to 254/, { priority: 255 }],
  ["advertInterval", /in hundredths/, { advertInterval: 0.333 }],
  ["preemptDelay", /0 to 1000/, { preempt: true, preemptDelay: 1001 }],
  ["preemptDelay", /is for preempt: true/, { preemptDelay: 5 }],
  ["garpRefresh", /0: never/, { garpRefresh: -1 }],
  ["peers", /each host takes the addresses for itself/, { peers: [] }],
  ["addresses", /at least one address/, { addresses: [] }],
  ["device", /something else in keepalived.conf/, { device: "eth#0" }],
  ["trackDevices[0]", /something else in keepalived.conf/, { trackDevices: ["a!b"] }],
  ["peers[0]", /another address family/, { peers: ["fd00::3"] }],
  ["peers[0]", /the host's own address/, { peers: ["10.0.0.2"] }],
  ["addresses[0].address", /another address family/, { addresses: [{ address: "fd00::9" }] }],
  ["addresses[0].address", /is no address of one host/, { addresses: [{ address: "224.0.0.9" }] }],
  ["peers[1]", /is there twice/, { peers: ["10.0.0.3", "10.0.0.3"] }],
  ["addresses[0].address", /is there twice/, { addresses: [{ address: "10.0.0.3" }] }],
  [
    "addresses[1].address",
    /FD00:0::9 is there twice/,
    { source: "fd00::2", peers: ["fe80::3"], addresses: [{ address: "fd00::9" }, { address: "FD00:0::9" }] },
  ],
  ["addresses[0].prefix", /10.0.0.9 has 32 bits/, { addresses: [{ address: "10.0.0.9", prefix: 33 }] }],
  ["trackScripts.reach_0", /what `reach` asks/, { trackScripts: { reach_0: { command: ["/bin/true"] } } }],
  ["reach[0]", /nobody could answer/, { reach: [[]] }],
  [
    "reach[1]",
    /^10.0.0.2, 10.0.0.9 says nothing/,
    {
      reach: [
        ["10.0.0.2", "10.0.0.3"],
        ["10.0.0.2", "10.0.0.9"],
      ],
    },
  ],
  ["trackScripts.a.command", /begins with the program's path/, { trackScripts: { a: { command: ["true"] } } }],
  ["trackScripts.a.command", /something else/, { trackScripts: { a: { command: ["/bin/true", 'x"y'] } } }],
  ["trackScripts.a.weight", /-253 to -1/, { trackScripts: { a: { command: ["/bin/true"], weight: 0 } } }],
])("%s is refused: %s", (property, reason, change) => {
  expect(vrrpProblems({ ...plain, ...change })).toEqual([{ property, reason: expect.stringMatching(reason) }]);
});

test("two instances of a host declare the daemon and its common files alike", async () => {
  const registered = await register(() => {
    const host = new Host("d1");
    const { name: _, ...args } = plain;
    new Keepalived("four", { ...args, host });
    new Keepalived("six", { ...args, host, addresses: [{ address: "10.0.0.8" }], routerId: 52, install: false });
  });
  for (const part of ["main", "drop-in", "notify", "reach"]) {
    const [one, other] = ["four", "six"].map((name) => only(registered, "File", `${name}-${part}`).inputs);
    expect({ ...other, owner: 0 }).toEqual({ ...one, owner: 0 });
  }
  expect(only(registered, "SystemdService", "four-daemon").inputs.configuration).toEqual(
    only(registered, "SystemdService", "six-daemon").inputs.configuration,
  );
  expect(only(registered, "File", "six-configuration").inputs.path).toBe("/etc/keepalived/lvs.d/six.conf");
  expect(only(registered, "VrrpInstance", "four").dependsOn).toContain("four-daemon");
  expect(registered.map(({ name }) => name)).not.toContain("six-keepalived");
});

test("the process of VRRP comes before all else on its host", () => {
  expect(MAIN_TEXT).toMatch(/^global_defs \{\n( {4}\w.*\n)* {4}vrrp_priority -20\n {4}vrrp_no_swap\n\}\n/m);
});

describe("whether somebody is reached", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lvs-reach-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Runs the check on a host that has 10.0.0.2, with a ping of one's own. Returns its status, and whom it asked. */
  function reach(ping: string, ...addresses: string[]) {
    const tool = (name: string, script: string) =>
      writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    tool("ip", '[ "$4" != 10.0.0.2 ] || echo local');
    tool("ping", `for to; do :; done; echo "$3 $to" >>${folder}/asked\n${ping}`);
    writeFileSync(join(folder, "asked"), "");
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
    const { status } = spawnSync("sh", ["-c", REACH_TEXT, "lvs-reach", ...addresses], { env });
    return { status, asked: readFileSync(join(folder, "asked"), "utf8").trim().split("\n").sort() };
  }
  const answers = 'echo "64 bytes from $to"';

  test("the first one that is not the host itself answers, and nobody else is asked", () => {
    expect(reach(answers, "10.0.0.2", "10.0.0.3", "10.0.0.11")).toEqual({ status: 0, asked: ["1 10.0.0.3"] });
  });

  test("another one answers", () => {
    const asked = ["1 10.0.0.3", "3 10.0.0.11", "3 10.0.0.3"];
    // The answer ends the check, so it comes after the other one was asked too.
    const bothAsked = `for _ in $(seq 500); do grep -q "3 10.0.0.3" ${folder}/asked && break; sleep 0.01; done`;
    expect(reach(`[ $to = 10.0.0.11 ] || exit 1; ${bothAsked}; ${answers}`, "10.0.0.3", "10.0.0.11")).toEqual({
      status: 0,
      asked,
    });
  });

  test("nobody answers, and the host's own address does not count", () => {
    const asked = ["1 10.0.0.3", "3 10.0.0.3"];
    expect(reach("exit 1", "10.0.0.2", "10.0.0.3")).toEqual({ status: 1, asked });
    expect(reach(answers, "10.0.0.2")).toEqual({ status: 1, asked: [""] });
  });

  test("a host that stood still meanwhile asks again", () => {
    const once = `[ $3 = 1 ] && exit 1; [ -e ${folder}/late ] && { ${answers}; exit; }; : >${folder}/late; sleep 4.1; exit 1`;
    const asked = ["1 10.0.0.3", "3 10.0.0.3", "3 10.0.0.3"];
    expect(reach(once, "10.0.0.3")).toEqual({ status: 0, asked });
  });
});
