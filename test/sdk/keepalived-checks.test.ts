import { type ClusterService, Host, KeepalivedChecks, keepalivedVirtual } from "../../sdk/index";
import type { KeepalivedVirtuals } from "../../sdk/keepalived/checks-config";
import { renderChecks } from "../../sdk/keepalived/checks-config";
import { checksProblems } from "../../sdk/keepalived/checks-problems";
import { whole } from "./keepalived-checks-sample";
import { only, register } from "./registered";

const real = { "10.2.0.11:80": { forwarding: "nat", weight: 2 } } as const;

test("the file of a site: a service, its server, and the file that takes the server out", () => {
  expect(renderChecks({ "10.1.0.9:80": { real } })).toBe(`# Written by pulumi-lvs: changes by hand are put back.
global_defs {
    enable_script_security
    script_user root
}

track_file out_10_2_0_11 {
    file "/etc/keepalived/lvs-checks/10.2.0.11"
    weight 0
}
virtual_server 10.1.0.9 80 {
    delay_loop 5
    protocol TCP
    lvs_sched wrr
    lvs_method NAT
    real_server 10.2.0.11 80 {
        weight 2
        lvs_method NAT
        TCP_CHECK {
            connect_timeout 5
            retry 1
            delay_before_retry 1
        }
        FILE_CHECK {
            track_file out_10_2_0_11
            weight 0
        }
    }
}
`);
});

test("every option has its line", () => {
  const lines = renderChecks(whole)
    .split("\n")
    .map((line) => line.trim());
  const expected = [
    "virtual_server fwmark 99 {",
    ...["delay_loop 2", "ip_family inet6", "lvs_sched mh", "mh-port", "mh-fallback", "lvs_method TUN"],
    ...["persistence_timeout 60", "persistence_granularity 64", "inhibit_on_failure", "quorum 1", "hysteresis 0"],
    ...[
      'quorum_up "/bin/true up"',
      'quorum_down "/bin/true"',
      "sorry_server fd00::99 0",
      "sorry_server_lvs_method TUN",
    ],
    ...["real_server fd00::11 0 {", "weight 0", "uthreshold 100", "lthreshold 50", "lvs_method DR", "SSL_GET {"],
    ...["enable_sni", 'path "/ok.html?a=b"', "status_code 204", 'virtualhost "shop.example.org"', "connect_port 443"],
    ...["connect_timeout 3", "retry 0", 'file "/etc/keepalived/lvs-checks/fd00::11"', "virtual_server 10.1.0.9 53 {"],
    ...["protocol UDP", "ops", 'misc_path "/bin/true 10.2.0.11 53"', "misc_timeout 2"],
  ];
  expect(expected.filter((line) => !lines.includes(line))).toEqual([]);
  expect(checksProblems(whole)).toEqual([]);
});

const wrong: [string, KeepalivedVirtuals[string], property: string, reason: string][] = [
  ["www", { real }, "", "write a service like"],
  ["10.1.0.9:80/sctp", { real }, "", "declare it as a VirtualService"],
  ["10.1.0.9:80", { real, scheduler: "fastest" as never }, ".scheduler", 'IPVS has no scheduler "fastest"'],
  ["10.1.0.9:80", { real, persistence: { engine: "sip" } }, ".persistence.engine", "declare a VirtualService"],
  ["10.1.0.9:80", { real, interval: 0 }, ".interval", "1 to 3600"],
  ["10.1.0.9:80", { real, check: { type: "http", path: "ok" } }, ".check.path", "at its beginning"],
  ["10.1.0.9:80", { real, check: { type: "http", path: '/"\n}' } }, ".check.path", "means something else"],
  [
    "10.1.0.9:80",
    { real, check: { type: "misc", command: ["true"] } },
    ".check.command",
    "begins with the program's path",
  ],
  [
    "10.1.0.9:80",
    { real, check: { type: "misc", command: ["/bin/sh", "-c", "a; b"] } },
    ".check.command",
    "means something",
  ],
  ["10.1.0.9:53/udp", { real: { "10.2.0.11:53": { forwarding: "nat" } } }, ".check.type", "is not there by TCP"],
  ["10.1.0.9:80", { real: { "10.2.0.11:80": { forwarding: "nat", weight: 0 } } }, ".quorum", "it is never reached"],
  ["10.1.0.9:80", { real, hysteresis: 1 }, ".hysteresis", "less than quorum"],
  ["10.1.0.9:80", { real, sorryServer: { address: "fd00::1" } }, ".sorryServer.address", "another address family"],
  ["10.1.0.9:80", { real, sorryServer: { address: "www" } }, ".sorryServer.address", "is not an IPv4 or IPv6"],
  [
    "10.1.0.9:80",
    { real: { "10.2.0.11:80": { forwarding: "dr" } }, sorryServer: { address: "10.2.0.9", port: 81 } },
    ".sorryServer.port",
    '"dr" cannot change the port: give the service\'s 80',
  ],
  [
    "10.1.0.9:80",
    { real: { "10.2.0.11:81": { forwarding: "dr" } } },
    '.real["10.2.0.11:81"]',
    "cannot change the port",
  ],
];

test.each(wrong)("%s: %j is refused", (key, virtual, property, reason) => {
  expect(checksProblems({ [key]: virtual })).toEqual([
    { property: `virtuals["${key}"]${property}`, reason: expect.stringContaining(reason) },
  ]);
});

test("packages, then the files of the site's own, then the daemon with what it makes of the table", async () => {
  const service: ClusterService = {
    match: { address: "10.1.0.9", port: 80 },
    forwarding: "nat",
    destinations: { "10.2.0.11:80": {} },
  };
  const virtuals = keepalivedVirtual(service, { by: "keepalived", sorryServer: { address: "10.2.0.99" } });
  const registered = await register(() => new KeepalivedChecks("shop", { host: new Host("director"), virtuals }));
  expect(only(registered, "File", "shop-configuration")).toMatchObject({
    inputs: { path: "/etc/keepalived/lvs-checks/shop.conf", mode: "0600", validate: ["keepalived", "-t", "-f", "%s"] },
  });
  const unit = only(registered, "File", "shop-unit").inputs;
  expect(unit).toMatchObject({ path: "/etc/systemd/system/lvs-checks-shop.service" });
  expect(unit.content).toMatch(/KillSignal=SIGKILL\nSuccessExitStatus=SIGKILL\nRestart=always/);
  const checks = only(registered, "HealthChecks");
  expect(checks.dependsOn.sort()).toEqual(["shop-configuration", "shop-unit"]);
  expect(checks.inputs).toMatchObject({
    keepalived: "shop",
    services: {
      "10.1.0.9:80": { fallback: "10.2.0.99", quiescent: false, destinations: { "10.2.0.11:80": { weight: 1 } } },
    },
  });
});

test.each([
  [{}, 10 + 5 + 5 + 1 * (5 + 1)],
  // Each further try waits, and may take its whole time.
  [{ interval: 20, check: { type: "tcp", timeout: 3, retries: 4, retryDelay: 2 } }, 10 + 20 + 3 + 4 * (3 + 2)],
  [{ interval: 3600 }, 3600],
] as const)("the first checks may take as long as they can: %j", async (more, patience) => {
  const virtuals = { "10.1.0.9:80": { real: { "10.2.0.11:80": { forwarding: "nat" } }, ...more } } as const;
  const registered = await register(() => new KeepalivedChecks("shop", { host: new Host("director"), virtuals }));
  expect(only(registered, "HealthChecks").inputs.patience).toBe(patience);
});
