import { mermaid } from "../../cli/graph";
import { directorsOf, hostNamed, readState, serverNames } from "../../cli/state";

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

test.each([[null], [{}], [{ deployment: null }], [{ deployment: { resources: null } }]])(
  "a stack without resources: %j",
  (empty) => {
    expect(readState(empty).resources).toEqual([]);
  },
);

test("a picture: an answer goes back through the director with NAT alone", () => {
  const service = (forwarding: string) => ({
    ...{
      host: host("director", "10.0.0.2"),
      address: "10.0.0.9",
      port: 80,
      protocol: "tcp",
      scheduler: "wrr",
      forwarding,
    },
    destinations: { "10.0.0.11:80": { weight: 3 } },
  });
  const picture = (forwarding: string) =>
    mermaid(
      readState({
        deployment: {
          resources: [
            stored("VirtualService", "web", service(forwarding)),
            stored("Sysctl", "arp", { host: host("rs1", "10.0.0.11") }),
          ],
        },
      }),
    );
  expect(picture("dr")).toBe(`flowchart LR
  clients(["clients"])
  n_director["director<br/>10.0.0.2"]
  n_director_tcp_10_0_0_9_80{{"tcp 10.0.0.9:80<br/>wrr"}}
  clients --> n_director_tcp_10_0_0_9_80
  n_director_tcp_10_0_0_9_80 --- n_director
  n_10_0_0_11["rs1<br/>10.0.0.11"]
  n_director -- "dr, weight 3" --> n_10_0_0_11
  n_10_0_0_11 -. answer .-> clients
`);
  const nat = picture("nat");
  expect(nat).toContain("n_10_0_0_11 -. answer .-> n_director\n  n_director -. answer .-> clients");
  expect(nat).not.toContain("n_10_0_0_11 -. answer .-> clients");
});
