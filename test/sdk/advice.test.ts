import * as pulumi from "@pulumi/pulumi";
import * as lvs from "../../sdk";
import { only, register } from "./registered";

const warned = jest.spyOn(pulumi.log, "warn").mockResolvedValue();
beforeEach(() => warned.mockClear());

/** The names of the rules that the program was warned by. */
const told = () => warned.mock.calls.map(([said]) => /\(advice "(\S+)"\)$/.exec(said)?.[1]);

const director = (advice?: lvs.AdviceArgs) =>
  new lvs.Host("director", { address: "10.1.0.1", ...(advice && { advice }) });
const realServers = (weight?: pulumi.Input<number>) =>
  ["rs1", "rs2"].map((name, i) => {
    const host = new lvs.Host(name, { address: `10.2.0.1${i + 1}` });
    return { host, address: `10.2.0.1${i + 1}`, ...(weight !== undefined && { weight }) };
  });
const site = { vip: "10.1.0.1", gateway: "10.2.0.1", clients: "10.1.0.0/24" };
const nat = (more: object = {}, advice?: lvs.AdviceArgs) =>
  register(
    () => new lvs.NatCluster("nat", { director: director(advice), realServers: realServers(0), ...site, ...more }),
  );

test("a warning is a diagnostic of its resource, with the cause, the cure and the name that silences it", async () => {
  await nat();
  expect(warned).toHaveBeenCalledTimes(1);
  expect(warned.mock.calls[0]?.[0]).toBe(
    'NatCluster "nat": realServers[0].weight: every real server has weight 0: a server of weight 0 gets no new connection, so ' +
      'that every client is refused. Give one server a weight above 0. (advice "no-server")',
  );
  expect(warned.mock.calls[0]?.[1]).toBeInstanceOf(lvs.NatCluster);
});

test("it is silenced by the cluster, or by the director's host", async () => {
  await nat({ advice: { ignore: ["no-server"] } });
  await nat({}, { ignore: ["no-server"] });
  expect(told()).toEqual([]);
  await nat({ advice: { ignore: ["tunnel-mtu"] } });
  expect(told()).toEqual(["no-server"]);
});

test("with ldirectord it is told once", async () => {
  await nat({ health: { by: "ldirectord", service: "http", checkPort: 8080, globals: { checkInterval: 2 } } });
  expect(told()).toEqual(["no-server", "check-port", "check-timeout"]);
});

test("values that come later warn of nothing", async () => {
  const later = pulumi.output(Promise.resolve(0));
  await register(() => {
    const host = new lvs.Host("director", { address: pulumi.output(Promise.resolve("10.1.0.1")) });
    new lvs.NatCluster("nat", { director: host, realServers: realServers(later), ...site });
    new lvs.VirtualService("service", {
      ...{ host, address: "10.1.0.1", port: 80, forwarding: "nat", scheduler: "rr" },
      destinations: { "10.2.0.11:80": { weight: later }, "10.2.0.12:80": pulumi.output(Promise.resolve({})) },
    });
    new lvs.VirtualService("later", {
      ...{ host, address: "10.1.0.1", port: 81, forwarding: "nat" },
      scheduler: pulumi.output(Promise.resolve("rr")),
      destinations: { "10.2.0.11:81": {}, "10.2.0.12:81": { weight: 2 } },
    });
  });
  expect(told()).toEqual([]);
});

test("a service of one's own, and a check from a real server", async () => {
  await register(() => {
    const [one, two] = realServers(1);
    const host = director();
    const service = { host, address: "10.1.0.1", port: 80, forwarding: "nat", scheduler: "rr" } as const;
    new lvs.VirtualService("rr", { ...service, destinations: { "10.2.0.11:80": {}, "10.2.0.12:80": { weight: 2 } } });
    new lvs.NatCluster("nat", { director: host, realServers: [one, two] as never, ...site });
    new lvs.TrafficCheck("traffic", { url: "http://10.1.0.1/", from: one?.host as lvs.Host });
  });
  expect(told()).toEqual(["weights-ignored", "check-from-site"]);
});

test("one-packet scheduling with NAT, whoever keeps the service; SIP's engine knows the answers", async () => {
  const service = { host: director(), address: "10.1.0.1", port: 5060, protocol: "udp", onePacket: true } as const;
  const destinations = { "10.2.0.11:5060": {} };
  const declare = (forwarding: "nat" | "dr", persistence?: pulumi.Input<lvs.PersistenceArgs>) =>
    register(
      () => new lvs.VirtualService("it", { ...service, forwarding, destinations, ...(persistence && { persistence }) }),
    );
  await declare("dr");
  await declare("nat", { engine: "sip" });
  await declare("nat", pulumi.output({ engine: "sip" }));
  expect(told()).toEqual([]);
  await declare("nat");
  await declare("nat", { timeout: 60 });
  const checked = (forwarding: "nat" | "dr") => ({
    "10.1.0.1:53/udp": { onePacket: true, real: { "10.2.0.11:53": { forwarding, weight: 1 } } },
  });
  const check = { type: "tcp", port: 53 } as const;
  await register(() => {
    new lvs.Ldirectord("ldirectord", { host: director(), virtuals: checked("nat") });
    const { "10.1.0.1:53/udp": virtual } = checked("nat");
    new lvs.KeepalivedChecks("keepalived", {
      host: director(),
      virtuals: { "10.1.0.1:53/udp": { ...virtual, check } },
    });
  });
  expect(told()).toEqual(Array(4).fill("one-packet-nat"));
  expect(warned.mock.calls.at(-1)?.[0]).toContain('virtuals["10.1.0.1:53/udp"].onePacket: each packet is scheduled');
});

test("keepalived's checks are judged as ldirectord's are, and know what a cluster knows for advice", async () => {
  const [forwarding, scheduler] = ["nat", "rr"] as const;
  const real = { "10.2.0.11:80": { forwarding, weight: 1 }, "10.2.0.12:80": { forwarding, weight: 2 } };
  const virtuals = { "10.1.0.1:80": { scheduler, real } };
  await register(() => new lvs.KeepalivedChecks("it", { host: director(), virtuals }));
  await register(
    () => new lvs.KeepalivedChecks("it", { host: director(), virtuals, advice: { ignore: ["weights-ignored"] } }),
  );
  expect(told()).toEqual(["weights-ignored"]);
  const registered = await nat({ health: { by: "keepalived" }, realServers: realServers() });
  expect(only(registered, "HealthChecks").inputs.advice).toEqual({ gateway: "10.2.0.1" });
  expect(told()).toEqual(["weights-ignored"]);
});

test("what cannot work is refused before anything is registered", async () => {
  await expect(nat({ vip: "10.2.0.11" })).rejects.toThrow("vip: 10.2.0.11 is the address of the real server rs1: ");
  await expect(nat({ clients: "10.0.0.0/8" })).rejects.toThrow(
    /^NatCluster "nat": clients\[0\]: .* use direct routing$/m,
  );
  const mapped = () =>
    new lvs.DrCluster("dr", {
      ...{ director: director(), vip: "10.1.0.9" },
      realServers: realServers().map((server) => ({ ...server, port: 8080 })),
    });
  await expect(register(mapped)).rejects.toThrow("realServers[0].port: 8080 is declared, and clients connect to 80: ");
});

test("the name of a rule, and what is said for advice alone, are spelled right", async () => {
  const ignore = ["firewal"] as never;
  expect(() => director({ ignore })).toThrow(/^Host "director": advice\.ignore\[0\]: /);
  await expect(nat({ advice: { ignore } })).rejects.toThrow(/^NatCluster "nat": advice\.ignore\[0\]: /);
  const alias = { host: director(), address: "10.1.0.9", device: "lo", advice: { port: [80] } as never };
  await expect(register(() => new lvs.VipAlias("vip", alias))).rejects.toThrow(/^VipAlias "vip": advice\.port: /);
});

test("what the provider has to know for its advice goes with the resources, and names of hosts that are silenced", async () => {
  const registered = await nat({}, { ignore: ["firewall"] });
  expect(only(registered, "VirtualService").inputs).toMatchObject({
    advice: { gateway: "10.2.0.1" },
    host: { advice: { ignore: ["firewall"] } },
  });
  expect(only(registered, "Route", "nat-rs1-default").inputs.advice).toEqual({ address: "10.2.0.11", ports: [80] });
});
