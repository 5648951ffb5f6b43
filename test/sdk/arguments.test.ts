import * as pulumi from "@pulumi/pulumi";
import { provider } from "../../provider/index";
import type { Problem } from "../../provider/model";
import type { Props } from "../../provider/pulumi/handler";
import * as lvs from "../../sdk/index";
import { register, unmarked } from "./registered";

// Arguments as they come from a configuration or from JavaScript, where no type is checked.

const host = (name: string) => new lvs.Host(name, { address: "192.0.2.1" });
const realServers = [{ host: host("rs1"), address: "172.17.111.234" }];
const dr = { director: host("director"), vip: "172.17.111.111", realServers };
const nat = { director: host("director"), vip: "172.17.111.117", gateway: "192.168.199.145", realServers };
const ldirectord = { by: "ldirectord", service: "http" };

const declare = {
  dr: (args: object) => new lvs.DrCluster("shop", { ...dr, ...args } as unknown as lvs.DrClusterArgs),
  nat: (args: object) => new lvs.NatCluster("shop", { ...nat, ...args } as unknown as lvs.NatClusterArgs),
  www: (args: object) => new lvs.WebSite("www", { host: host("rs1"), ...args } as lvs.WebSiteArgs),
  host: (args: object) => new lvs.Host("rs1", args),
  alias: (args: object) => new lvs.VipAlias("vip", { host: host("rs1"), ...args } as lvs.VipAliasArgs),
};

function problemsOf(of: keyof typeof declare, args: object): readonly Problem[] {
  try {
    declare[of](args);
    return [];
  } catch (error) {
    if (error instanceof lvs.ArgumentError) return error.problems;
    throw error;
  }
}

type Case = [of: keyof typeof declare, args: object, property: string, reason: string];
const refused: Case[] = [
  ["dr", { health: "ldirectord" }, "health", 'give { by: "static" }, or { by: "ldirectord" }'],
  ["nat", { health: { by: "heartbeat" } }, "health.by", 'give { by: "static" }, or { by: "ldirectord" }'],
  ["nat", { health: { ...ldirectord, recieve: "OK" } }, "health.recieve", 'did you mean "receive"?'],
  ["dr", { vip: undefined }, "vip", "is missing"],
  ["dr", { vips: "172.17.111.112" }, "vips", 'did you mean "vip"?'],
  ["dr", { realServers: [{ ...realServers[0], wieght: 3 }] }, "realServers[0].wieght", 'did you mean "weight"?'],
  ["dr", { realServers: pulumi.output(realServers) }, "realServers", "no Output"],
  ["dr", { forwarding: "nat" }, "forwarding", 'is none of "dr", "tun"'],
  ["nat", { interface: "eth0" }, "interface", 'is for arms: "one"'],
  ["nat", { arms: "one" }, "interface", "is missing"],
  ["nat", { masquerade: { source: "10.0.0.0/8", outinterface: "eth0" } }, "masquerade.outinterface", '"outInterface"'],
  ["www", { certificate: { certificate: "CERT" } }, "certificate.privateKey", "is missing"],
  ["www", { application: { port: "8000; evil" } }, "application.port", "a number is needed"],
  ["host", { adress: "192.0.2.1" }, "adress", 'did you mean "address"?'],
  ["alias", { address: "192.0.2.9", device: "lo", lable: "lo:0" }, "lable", 'did you mean "label"?'],
  ["alias", { address: "192.0.2.9", device: "lo", machine: "0f" }, "machine", "there is no such property"],
];

test.each(refused)("%s with %j: %s %s", (of, args, property, reason) => {
  expect(problemsOf(of, args)).toEqual([{ property, reason: expect.stringContaining(reason) }]);
});

const late = (value: unknown) => pulumi.output(value);

const told: [of: keyof typeof declare, args: object, problem: string][] = [
  ["dr", { vip: late(undefined), persistence: {} }, 'DrCluster "shop": vip: is missing'],
  [
    "dr",
    { realServers: [{ host: host("rs1"), address: late(undefined) }] },
    'DrCluster "shop": realServers[0].address: is missing',
  ],
  [
    "nat",
    { realServers: [{ host: host("rs1"), address: late(undefined) }], masquerade: true },
    'NatCluster "shop": realServers[0].address: is missing',
  ],
  [
    "nat",
    { vip: late("172.17.111.117"), health: { ...ldirectord, service: late("htp") } },
    'Ldirectord "shop-health": virtuals["172.17.111.117:80"].service: ldirectord has no service "htp"',
  ],
  ["dr", { vip: late(undefined), health: ldirectord }, 'DrCluster "shop": vip: is missing'],
  [
    "www",
    { certificate: { certificate: "CERT", privateKey: late(undefined) } },
    'WebSite "www": certificate: the text of /etc/nginx/lvs-site.key is missing',
  ],
];

test.each(told)("%s: a check tells %#, and nothing throws", async (of, args, problem) => {
  const registered = await register(() => declare[of](args));
  const checks = registered.flatMap(({ type, inputs }) => {
    const [, kind] = /^pulumi-nodejs:dynamic\/lvs:(\w+)$/.exec(type) ?? [];
    return kind ? [provider(kind).check({}, unmarked(inputs) as Props)] : [];
  });
  const reasons = (await Promise.all(checks)).flatMap(({ failures }) => failures.map(({ reason }) => reason));
  expect(reasons).toContainEqual(expect.stringContaining(problem));
});

test("every class of the package says what is missing where a program in JavaScript leaves out new, the name or the arguments", () => {
  // No program makes one of these: they are what the others are made of.
  const bases: unknown[] = [lvs.HostResource, lvs.LvsResource];
  const classes = Object.entries(lvs).filter(
    ([, one]) =>
      !bases.includes(one) &&
      typeof one === "function" &&
      (one === lvs.Host || one.prototype instanceof pulumi.Resource),
  ) as [string, (new (...given: unknown[]) => object) & ((...given: unknown[]) => object)][];
  expect(classes.length).toBeGreaterThan(40);
  const answered = (act: () => unknown) => {
    try {
      act();
      return "nothing";
    } catch (error) {
      return error instanceof lvs.ArgumentError ? error.problems.map(({ property }) => property).join() : String(error);
    }
  };
  const wrong = classes.flatMap(([name, Class]) => {
    const said = [answered(() => Class("it", {})), answered(() => new Class()), answered(() => new Class("it", 7))];
    return said.join(" ") === "new name args" ? [] : [`${name}: ${said.join(" | ")}`];
  });
  expect(wrong).toEqual([]);
});
