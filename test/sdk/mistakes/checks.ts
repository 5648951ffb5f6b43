import type { Mistake, Scene } from "./scene";

const virtual = (more: object) => ({
  "10.1.0.9:80": { real: { "10.2.0.11:80": { forwarding: "nat" } }, ...more },
});

const checked = ({ KeepalivedChecks, director }: Scene, more: object) =>
  new KeepalivedChecks("shop", { host: director, virtuals: virtual(more) });

const byLdirectord = ({ Ldirectord, director, ldirectord: { by, ...negotiate } }: Scene, more: object) =>
  new Ldirectord("checks", { host: director, virtuals: virtual({ ...negotiate, ...more }) });

/** What finds out which real servers are fit: keepalived, ldirectord. What both take of a service, `VirtualService` does too. */
export const checks: readonly Mistake[] = [
  {
    mistake: "ldirectord's words in keepalived's checks",
    program: ({ DrCluster, dr }) =>
      new DrCluster("shop", { ...dr, health: { by: "keepalived", service: "http", request: "ok.html" } }),
    says: 'DrCluster "shop": health.service: there is no such property: ',
  },
  {
    mistake: "a check of the cluster by its name",
    program: ({ DrCluster, dr }) => new DrCluster("shop", { ...dr, health: { by: "keepalived", check: "http" } }),
    says: 'DrCluster "shop": health.check: ',
  },
  {
    mistake: "a page that is checked by TCP",
    program: ({ DrCluster, dr }) =>
      new DrCluster("shop", { ...dr, health: { by: "keepalived", check: { type: "tcp", path: "/ok.html" } } }),
    says: 'DrCluster "shop": health.check.path: there is no such property: ',
  },
  {
    mistake: "the interval of checks from the configuration, as text",
    program: ({ NatCluster, nat, config }) =>
      new NatCluster("shop", { ...nat, health: { by: "keepalived", interval: config.get("weight") } }),
    says: 'NatCluster "shop": health.interval: is a text, and a number is needed',
  },
  {
    mistake: "sorry_server, as keepalived has it",
    program: ({ NatCluster, nat }) =>
      new NatCluster("shop", { ...nat, health: { by: "keepalived", sorry_server: "10.2.0.99" } }),
    says: 'NatCluster "shop": health.sorry_server: there is no such property: did you mean "sorryServer"?',
  },
  {
    mistake: "the sorry server as a text",
    program: ({ NatCluster, nat }) =>
      new NatCluster("shop", { ...nat, health: { by: "keepalived", sorryServer: "10.2.0.99" } }),
    says: 'NatCluster "shop": health.sorryServer: is a text, and an object is needed',
  },
  {
    mistake: "a sorry server by name",
    program: (scene) => checked(scene, { sorryServer: { address: "sorry.local" } }),
    says: 'KeepalivedChecks "shop": virtuals["10.1.0.9:80"].sorryServer.address: "sorry.local" is not an IPv4 or IPv6 address',
  },
  {
    mistake: "a sorry server of another address family",
    program: (scene) => checked(scene, { sorryServer: { address: "fd00::99" } }),
    says: 'KeepalivedChecks "shop": virtuals["10.1.0.9:80"].sorryServer.address: is of another address family',
  },
  {
    mistake: "a path that is relative",
    program: (scene) => checked(scene, { check: { type: "http", path: "ok.html" } }),
    says: 'KeepalivedChecks "shop": virtuals["10.1.0.9:80"].check.path: has no "/" at its beginning: write it like',
  },
  {
    mistake: "a path with a blank",
    program: (scene) => checked(scene, { check: { type: "http", path: "/is it ok" } }),
    says: 'KeepalivedChecks "shop": virtuals["10.1.0.9:80"].check.path: "/is it ok" has a sign',
  },
  {
    mistake: "the status of an answer as a range",
    program: (scene) => checked(scene, { check: { type: "http", status: "200-299" } }),
    says: 'KeepalivedChecks "shop": virtuals["10.1.0.9:80"].check.status: is a text, and a number is needed',
  },
  {
    mistake: "a program of one's own without its path",
    program: (scene) => checked(scene, { check: { type: "misc", command: ["check-shop", "%address"] } }),
    says: 'KeepalivedChecks "shop": virtuals["10.1.0.9:80"].check.command: begins with the program\'s path',
  },
  {
    mistake: "a program that is a pipe",
    program: (scene) => checked(scene, { check: { type: "misc", command: ["/bin/check", "|", "grep"] } }),
    says: 'KeepalivedChecks "shop": virtuals["10.1.0.9:80"].check.command: "|" has a sign',
  },
  {
    mistake: "a check every half second",
    program: (scene) => checked(scene, { interval: 0.5 }),
    says: 'KeepalivedChecks "shop": virtuals["10.1.0.9:80"].interval: is no time of checks: give whole seconds, 1 to 3600',
  },
  {
    mistake: "a service of UDP that is checked by TCP",
    program: ({ KeepalivedChecks, director }) =>
      new KeepalivedChecks("dns", {
        host: director,
        virtuals: { "10.1.0.9:53/udp": { real: { "10.2.0.11:53": { forwarding: "nat" } } } },
      }),
    says: 'KeepalivedChecks "dns": virtuals["10.1.0.9:53/udp"].check.type: ',
  },
  {
    mistake: "an address without its port",
    program: ({ KeepalivedChecks, director }) =>
      new KeepalivedChecks("shop", { host: director, virtuals: { "10.1.0.9": { real: {} } } }),
    says: 'KeepalivedChecks "shop": virtuals["10.1.0.9"]: ',
  },
  {
    mistake: "one service twice",
    program: ({ KeepalivedChecks, director }) =>
      new KeepalivedChecks("shop", {
        host: director,
        virtuals: { ...virtual({}), "10.1.0.9:80/tcp": { real: { "10.2.0.11:80": { forwarding: "nat" } } } },
      }),
    says: 'KeepalivedChecks "shop": virtuals["10.1.0.9:80/tcp"]: ',
  },
  {
    mistake: "a real server of another address family",
    program: ({ KeepalivedChecks, director }) =>
      new KeepalivedChecks("shop", {
        host: director,
        virtuals: { "10.1.0.9:80": { real: { "[fd00::11]:80": { forwarding: "dr" } } } },
      }),
    says: 'KeepalivedChecks "shop": virtuals["10.1.0.9:80"].real["[fd00::11]:80"]: IPv4 and IPv6 cannot be mixed',
  },
  {
    mistake: "hysteresis of the whole quorum",
    program: (scene) => checked(scene, { hysteresis: 1 }),
    says: 'KeepalivedChecks "shop": virtuals["10.1.0.9:80"].hysteresis: is 0 or more, and less than quorum',
  },
  {
    mistake: "ldirectord: a text with a comment's sign",
    program: (scene) => byLdirectord(scene, { request: "ok.html#top" }),
    says: 'Ldirectord "checks": virtuals["10.1.0.9:80"].request: has a "#" in it: ',
  },
  {
    mistake: "ldirectord: HEAD with a text to compare with",
    program: (scene) => byLdirectord(scene, { httpMethod: "HEAD" }),
    says: 'Ldirectord "checks": virtuals["10.1.0.9:80"].receive: an answer to HEAD has no content',
  },
  {
    mistake: "ldirectord: a program of one's own that is not named",
    program: (scene) => byLdirectord(scene, { checkType: "external" }),
    says: 'Ldirectord "checks": virtuals["10.1.0.9:80"].checkCommand: the checkType "external" needs it',
  },
  {
    mistake: "ldirectord: a database that is not named",
    program: (scene) => byLdirectord(scene, { service: "mysql", request: "SELECT 1", receive: undefined }),
    says: 'Ldirectord "checks": virtuals["10.1.0.9:80"].database: is missing: give a name for mysql',
  },
  {
    mistake: "ldirectord: a fallback by name",
    program: (scene) => byLdirectord(scene, { fallback: { address: "sorry.local" } }),
    says: 'Ldirectord "checks": virtuals["10.1.0.9:80"].fallback.address: "sorry.local" is not an IPv4 or IPv6 address',
  },
  {
    mistake: "ldirectord: the VIP as a real server",
    program: (scene) => byLdirectord(scene, { real: { "10.1.0.9:80": { forwarding: "nat" } } }),
    says: 'Ldirectord "checks": virtuals["10.1.0.9:80"].real["10.1.0.9:80"]: a real server cannot have the VIP',
  },
  {
    mistake: "ldirectord: a port that direct routing would have to translate",
    program: (scene) => byLdirectord(scene, { real: { "10.2.0.11:8080": { forwarding: "dr" } } }),
    says: 'Ldirectord "checks": virtuals["10.1.0.9:80"].real["10.2.0.11:8080"]: "dr" cannot change the port: give',
  },
  {
    mistake: "ldirectord: a flag that no scheduler has",
    program: (scene) => byLdirectord(scene, { scheduler: "sh", schedulerFlags: ["port"] }),
    says: 'Ldirectord "checks": virtuals["10.1.0.9:80"].schedulerFlags: "port" is not a flag of a scheduler',
  },
  {
    mistake: "a destination twice, in two spellings",
    program: ({ VirtualService, service }) =>
      new VirtualService("web", { ...service, port: 8010, destinations: { "10.2.0.11:80": {}, "10.2.0.11:080": {} } }),
    says: 'VirtualService "web": destinations',
    by: "a check",
  },
  {
    mistake: "the VIP as a destination",
    program: ({ VirtualService, service }) =>
      new VirtualService("web", { ...service, port: 8011, destinations: { "10.1.0.9:80": {} } }),
    says: 'VirtualService "web": destinations.10.1.0.9:80: a real server cannot have the VIP as its own address: give',
    by: "a check",
  },
  {
    mistake: "thresholds that cross",
    program: ({ VirtualService, service }) =>
      new VirtualService("web", {
        ...{ ...service, port: 8012 },
        destinations: { "10.2.0.11:80": { upperThreshold: 10, lowerThreshold: 20 } },
      }),
    says: "lowerThreshold is above upperThreshold: give less",
    by: "a check",
  },
];
