import { mermaid } from "../../cli/graph/mermaid";
import { topologyOf } from "../../cli/graph/topology";
import { directorsOf, hostNamed, readPreview, readState, serverNames, serverOf } from "../../cli/state";

// What `pulumi stack export --show-secrets` prints, and is not always as one would like.

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const secret = (value: unknown) => ({
  [SIGNATURE]: "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(value),
});

const stored = (kind: string, name: string, inputs: object, more: object = {}) => ({
  urn: `urn:pulumi:dev::site::lvs:index:DrCluster$lvs:index:Director$pulumi-nodejs:dynamic/lvs:${kind}::${name}`,
  ...{
    custom: true,
    id: `director/${kind}/it`,
    type: `pulumi-nodejs:dynamic/lvs:${kind}`,
    inputs,
    outputs: inputs,
    ...more,
  },
});

const host = (name: string, address: string) => ({ name, address, privateKey: secret("a key") });

const state = readState({
  version: 3,
  deployment: {
    resources: [
      { urn: "urn:pulumi:dev::site::pulumi:pulumi:Stack::site-dev", type: "pulumi:pulumi:Stack", custom: false },
      stored("VirtualService", "web", { host: host("director", "10.0.0.2"), destinations: {} }),
      stored("Sysctl", "arp", { host: host("rs1", "10.0.0.11"), key: "a", value: "1" }),
      stored("Sysctl", "replaced", { host: host("rs9", "10.0.0.99"), key: "a", value: "1" }, { delete: true }),
      stored("Password", "secret", { length: 20 }),
    ],
  },
});

test("the resources of this package, with their secrets revealed and their parents", () => {
  expect(state.resources.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    "VirtualService web",
    "Sysctl arp",
    "Password secret",
  ]);
  expect(state.resources[0]).toMatchObject({
    parents: ["lvs:index:DrCluster", "lvs:index:Director"],
    inputs: { host: { name: "director", privateKey: "a key" } },
  });
});

test("the hosts, the directors among them, and their names", () => {
  expect(hostNamed(state, "rs1")).toMatchObject({ address: "10.0.0.11", port: 22, privateKey: "a key" });
  expect(directorsOf(state).map(({ name }) => name)).toEqual(["director"]);
  expect([...serverNames(state)]).toEqual([
    ["10.0.0.2", "director"],
    ["10.0.0.11", "rs1"],
  ]);
  expect(() => hostNamed(state, "rs9")).toThrow("the stack has no host rs9: it has director, rs1");
});

test("a host that is down is not waited for as one that boots, and neither is its jump host", () => {
  const slow = { ...host("rs2", "10.0.0.12"), ready: 600, jump: { ...host("bastion", "10.0.0.1"), ready: 300 } };
  const quick = { ...host("rs3", "10.0.0.13"), ready: 5 };
  const { resources } = readState({
    deployment: {
      resources: [slow, quick].map((one) => stored("Sysctl", one.name, { host: one, key: "a", value: "1" })),
    },
  });
  const [first, second] = ["rs2", "rs3"].map((name) => hostNamed({ resources }, name));
  expect([first?.ready, first?.jump?.ready, second?.ready]).toEqual([20, 20, 5]);
});

test.each([[null], [{}], [{ deployment: null }], [{ deployment: { resources: null } }]])(
  "a stack without resources: %j",
  (empty) => {
    expect(readState(empty).resources).toEqual([]);
  },
);

test("a server that is reached by another address is known by its own, and a VIP on several hosts names none", () => {
  const own = (name: string, ...addresses: string[]) => ({
    ...{ host: name, address: "", addresses, services: [], instances: [], differences: [] },
  });
  const status = { hosts: [own("director", "10.0.0.2", "10.0.0.9"), own("rs1", "192.168.0.1", "10.0.0.9")] };
  expect([...serverNames(state, status)].sort()).toEqual([
    ["10.0.0.11", "rs1"],
    ["10.0.0.2", "director"],
    ["192.168.0.1", "rs1"],
  ]);
});

test("the stack's name, and a destination's server in both families", () => {
  expect(state.stack).toBe("site/dev");
  expect(readState({ deployment: { resources: [] } }).stack).toBeUndefined();
  expect(["10.0.0.11:80", "[2001:db8::11]:80", "10.0.0.11:0"].map(serverOf)).toEqual([
    ...["10.0.0.11", "2001:db8::11", "10.0.0.11"],
  ]);
});

test("a state that was edited by hand is told by its place, and no secret of it", () => {
  const broken = { [SIGNATURE]: "1b47061264138c4ac30d75fd1eb44270", plaintext: "hunter2" };
  const edited = stored("Password", "admin", { content: broken });
  const read = () => readState({ deployment: { resources: [edited] } });
  expect(read).toThrow(/::admin has a secret in the stack's state whose plaintext is no JSON.*edited by hand/);
  expect(read).not.toThrow(/hunter2/);
  expect(() => readState({ deployment: { resources: [edited, null] } })).toThrow(
    /^deployment.resources of the stack's state: resource 1 has no urn\. Was the state edited by hand/,
  );
  expect(() => readState({ deployment: { resources: { "0": edited } } })).toThrow(/state: no list\./);
});

test("a resource whose properties are empty, which Pulumi leaves out, is on no host", () => {
  const bare = stored("Password", "bare", {}, { inputs: undefined, outputs: undefined });
  const read = readState({ deployment: { resources: [bare] } });
  expect(read.resources.map(({ inputs, state }) => [inputs, state])).toEqual([[{}, {}]]);
  expect(directorsOf(read)).toEqual([]);
  expect(hostNamed.bind(undefined, read, "rs1")).toThrow("the stack has no host rs1: it has none");
});

// As `pulumi preview --json --show-sames` prints it, of what is not up yet and of what is.
test("a preview: what the program declares, with and without an id, and without what it deletes", () => {
  const urn = (kind: string, name: string) => `urn:pulumi:dev::site::pulumi-nodejs:dynamic/lvs:${kind}::${name}`;
  const step = (op: string, kind: string, name: string, inputs: object, more: object = {}) => {
    const it = { urn: urn(kind, name), custom: true, type: `pulumi-nodejs:dynamic/lvs:${kind}`, inputs, ...more };
    return { op, urn: it.urn, [op === "delete" ? "oldState" : "newState"]: it };
  };
  const director = { name: "director", address: "192.0.2.2", privateKey: "[secret]" };
  const rs1 = { name: "rs1", address: "10.0.0.11" };
  const web = { address: "192.0.2.9", port: 80, protocol: "tcp", scheduler: "wrr", forwarding: "nat" };
  const previewed = readPreview({
    steps: [
      {
        op: "create",
        newState: { urn: "urn:pulumi:dev::site::pulumi:pulumi:Stack::site-dev", type: "pulumi:pulumi:Stack" },
      },
      step("create", "VirtualService", "web", { host: director, ...web, destinations: { "10.0.0.11:80": "weight 3" } }),
      step("same", "Route", "rs1", { host: rs1, to: "default", via: "10.0.0.1" }, { id: "rs1/Route/default" }),
      step(
        "delete",
        "Sysctl",
        "gone",
        { host: { name: "rs9", address: "10.0.0.19" }, key: "a" },
        { id: "rs9/Sysctl/a" },
      ),
    ],
    changeSummary: { create: 2, same: 1, delete: 1 },
  });
  const drawn = mermaid(topologyOf(previewed));
  expect(drawn).toContain('host_director -->|"nat, weight 3"| host_rs1');
  expect(drawn).toContain('|"answer by 10.0.0.1"|');
  expect(drawn).not.toContain("rs9");
});
