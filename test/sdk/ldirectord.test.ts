import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { Host, Ldirectord, type LdirectordArgs } from "../../sdk/index";
import { everything } from "./ldirectord-sample";
import { only, register, secret } from "./registered";

const host = new Host("director");
const sha256 = (text: unknown) => createHash("sha256").update(String(text)).digest("hex");
const real = { "172.17.111.222:80": { forwarding: "dr", weight: 2 } } as const;
const tutorial = { "172.17.111.111:80": { real, request: "ok.html", receive: "OK" } };
const declare = (args: Omit<LdirectordArgs, "host">) => register(() => new Ldirectord("health", { host, ...args }));

test("packages, then files, then the daemon with what it makes of the table", async () => {
  const registered = await declare({ virtuals: tutorial });
  const configuration = only(registered, "File", "health-configuration");
  const dropIn = only(registered, "File", "health-drop-in");
  const checks = only(registered, "HealthChecks");
  expect(configuration.dependsOn.sort()).toEqual(["health-ipvsadm", "health-ldirectord"]);
  expect(configuration.inputs).toMatchObject({ path: "/etc/ha.d/ldirectord.cf", mode: "0600" });
  expect((configuration.inputs.validate as string[]).slice(-2)).toEqual(["sh", "%s"]);
  expect(dropIn.inputs.path).toBe("/etc/systemd/system/ldirectord.service.d/lvs.conf");
  expect(dropIn.inputs.content).toMatch(/After=lvs-boot.service[\s\S]*KillMode=mixed\nRestart=always/);
  expect(checks.dependsOn.sort()).toEqual(["health-configuration", "health-drop-in"]);
  expect(checks.inputs).toMatchObject({
    configuration: {
      "/etc/ha.d/ldirectord.cf": sha256(configuration.inputs.content),
      "/etc/systemd/system/ldirectord.service.d/lvs.conf": sha256(dropIn.inputs.content),
    },
    services: {
      "172.17.111.111:80": {
        scheduler: "wrr",
        quiescent: false,
        destinations: { "172.17.111.222:80": { forwarding: "dr", weight: 2 } },
      },
    },
    patience: 35,
  });
});

test("only a daemon whose checks speak https is told not to verify certificates", async () => {
  const dropInOf = async (virtuals: LdirectordArgs["virtuals"]) =>
    only(await declare({ virtuals }), "File", "health-drop-in").inputs.content;
  const http = await dropInOf(tutorial);
  expect(http).not.toContain("SSL");
  const checked = { request: "ok.html", receive: "OK" };
  const byPort = {
    "172.17.111.111:443": { real: { "172.17.111.222:443": { forwarding: "dr" } }, ...checked },
  } as const;
  const byName = {
    "99": { real: { "172.17.111.222:0": { forwarding: "dr" } }, service: "https", ...checked },
  } as const;
  for (const virtuals of [byPort, byName]) {
    const content = String(await dropInOf(virtuals));
    expect(content.startsWith(String(http))).toBe(true);
    expect(content.slice(String(http).length)).toMatch(/^Environment="PERL5OPT=\S*SSL_verify_mode=>0\S*"\n$/);
  }
});

test("a password makes the configuration a secret", async () => {
  const { "172.17.111.111:3306": database } = everything.virtuals;
  const virtuals = { "172.17.111.111:3306": { ...(database as object), password: pulumi.secret("TOP") } };
  const registered = await declare({ virtuals } as never);
  const { content } = only(registered, "File", "health-configuration").inputs as { content: { value: string } };
  expect(content).toEqual(secret(content.value));
  expect(content.value).toContain('passwd="TOP"');
  expect(JSON.stringify(only(registered, "HealthChecks").inputs.services)).not.toContain("TOP");
});

test("services that are only known later are declared all the same, their passwords secret", async () => {
  const virtuals = pulumi.output({ "10.0.0.1:80": { real, login: "a", password: "TOP" } });
  const registered = await declare({ virtuals });
  const { content } = only(registered, "File", "health-configuration").inputs as { content: { value: string } };
  expect(content).toEqual(secret(content.value));
  expect(content.value).toContain("virtual=10.0.0.1:80");
});

test("the package can come from elsewhere", async () => {
  const registered = await declare({ virtuals: tutorial, install: false });
  expect(registered.filter(({ type }) => type.endsWith(":Package"))).toEqual([]);
});

test("a fallback is not a surplus destination", async () => {
  const fallback = { address: "127.0.0.1" };
  const registered = await declare({ virtuals: tutorial, globals: { fallback, quiescent: true } });
  expect(only(registered, "HealthChecks").inputs.services).toMatchObject({
    "172.17.111.111:80": { fallback: "127.0.0.1", quiescent: true },
  });
});

type Refused = [what: string, args: object, message: RegExp];
const at = (more: object, key = "172.17.111.111:80") => ({ virtuals: { [key]: { real, ...more } } });
const refused: Refused[] = [
  ["a bad expression", at({ receive: "O(K" }), /virtuals\["172.17.111.111:80"\]\.receive: is not a regular expression/],
  [
    "a server's bad expression",
    at({ real: { "10.0.0.2:80": { forwarding: "dr", receive: "[" } } }),
    /real\["10.0.0.2:80"\]\.receive: is not a regular/,
  ],
  ["SCTP", at({}, "10.0.0.1:80/sctp"), /virtuals\["10.0.0.1:80\/sctp"\]: ldirectord has no SCTP/],
  [
    "persistence by SIP call",
    at({ persistence: { engine: "sip" } }),
    /persistence.engine: ldirectord cannot express it/,
  ],
  [
    "a GUE tunnel",
    at({ real: { "10.0.0.2:80": { forwarding: "tun", tunnel: { type: "gue" } } } }),
    /real\["10.0.0.2:80"\]\.tunnel: ldirectord knows IP in IP alone/,
  ],
  ["an interval without fork", at({ checkInterval: 2 }), /checkInterval: ldirectord ignores it .* unless globals.fork/],
  ["a mark that nobody checks", at({}, "99"), /virtuals\["99"\]\.service: ldirectord does not know what is served/],
  [
    "a mark with a fallback for all",
    { ...at({ service: "http" }, "99"), globals: { fallback: { address: "127.0.0.1" } } },
    /virtuals\["99"\]\.fallback: ldirectord fails/,
  ],
  [
    "another port in DR",
    at({ real: { "10.0.0.2:8080": { forwarding: "dr" } } }),
    /"dr" cannot change the port: give the service's 80/,
  ],
  [
    "a fallback on another port in DR",
    at({ fallback: { address: "10.0.0.8", port: 81 } }),
    /fallback\.port: "dr" cannot change the port/,
  ],
  [
    "a fallback of the other family",
    at({ fallback: { address: "fd00::8" } }),
    /fallback\.address: is of another address family than the service/,
  ],
  [
    "a fallback of IPv6 for the services of IPv4",
    { ...at({}), globals: { fallback: { address: "fd00::8" } } },
    /globals\.fallback\.address: is of the other address family: call it fallback6/,
  ],
  ["the VIP as RIP", at({ real: { "172.17.111.111:80": { forwarding: "dr" } } }), /cannot have the VIP/],
  ["mixed families", at({ real: { "[2001:db8::2]:80": { forwarding: "tun" } } }), /cannot mix IPv4 and IPv6/],
  ["a comment sign", at({ request: "a#b" }), /request: has a "#" in it: ldirectord takes it for .* a comment/],
  ["a line break", { ...at({}), globals: { fallbackCommand: "a\nb" } }, /globals.fallbackCommand: has a "\\n" in it/],
  [
    "the same service twice",
    { virtuals: { "10.0.0.1:80": { real }, "10.0.0.1:80/tcp": { real } } },
    /the same service as "10.0.0.1:80"/,
  ],
  ["no such scheduler", at({ scheduler: "robin" }), /IPVS has no scheduler "robin"/],
  ["no such netmask", at({ persistence: { mask: "24" } }), /persistence.mask: give a netmask for IPv4/],
  [
    "a hasty interval",
    { ...at({}), globals: { checkInterval: 0 } },
    /globals.checkInterval: give a whole number of seconds/,
  ],
  ["one packet of TCP", at({ onePacket: true }), /onePacket: one-packet scheduling is for UDP: leave it out/],
  ["an external check without its program", at({ checkType: "external" }), /checkCommand: the checkType "external"/],
];
test.each(refused)("%s is refused", (_, args, message) => {
  expect(() => new Ldirectord("health", { host, ...(args as Omit<LdirectordArgs, "host">) })).toThrow(message);
});

test("Perl's own ways to begin an expression are none of our business", async () => {
  const virtuals = { "172.17.111.111:80": { real, receive: "(?i)\\Aok\\z" } };
  const { inputs } = only(await declare({ virtuals }), "File", "health-configuration");
  expect(inputs.content).toContain('receive="(?i)\\Aok\\z"');
});
