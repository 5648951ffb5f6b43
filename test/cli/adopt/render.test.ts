import { type Declaration, DigestOf, HostNamed, SecretNamed, Text } from "../../../cli/adopt/program";
import { render, variable } from "../../../cli/adopt/render";
import { faultsInTypes } from "../../compiler";

const director = new HostNamed("director");
const cf = new Text("director-cf", [
  'virtual=192.0.2.1:80\n\treceive="a ` and \u0024{b} and \\d"\n\tpasswd="',
  new SecretNamed("pw-3"),
  '"\n',
]);

const DECLARATIONS: Declaration[] = [
  {
    class: "NatCluster",
    name: "site",
    args: {
      ...{ director, vip: "192.0.2.1", gateway: "10.0.0.1", ports: 80, scheduler: "wrr", persistence: { timeout: 60 } },
      realServers: [{ host: new HostNamed("rs1"), address: "10.0.0.11", weight: 1, port: undefined }],
    },
  },
  {
    class: "DrCluster",
    name: "default",
    args: {
      ...{ director, vip: "192.0.2.2", device: "eth0" },
      realServers: [{ host: new HostNamed("rs1"), address: "10.0.0.11", arpOn: ["all", "lo"] }],
    },
  },
  {
    class: "File",
    name: "2-files",
    args: { host: director, path: "/etc/ha.d/ldirectord.cf", content: cf },
    remark: "as found",
  },
  {
    class: "HealthChecks",
    name: "checks",
    args: {
      host: director,
      configuration: { "/etc/ha.d/ldirectord.cf": new DigestOf(cf) },
      services: { "192.0.2.1:80": { destinations: { "10.0.0.11:80": { forwarding: "nat", weight: 1 } } } },
    },
    after: ["2-files"],
  },
  {
    class: "VirtualService",
    name: "marked",
    args: {
      host: director,
      mark: 7,
      scheduler: "rr",
      forwarding: "dr",
      destinations: { "10.0.0.11:0": { weight: 1 } },
    },
  },
];

test("a program compiles against the SDK, and has each text once and no secret", () => {
  const text = render(DECLARATIONS, ["A heading."]);
  expect(text.match(/a \\` and \\\$\{b\} and \\\\d/g)).toHaveLength(1);
  expect(text).toContain("{ dependsOn: [the2Files] }");
  expect(faultsInTypes({ "index.ts": text })).toEqual({});
});

test.each([
  ["site-10-0-1-11-80", "site_10_0_1_11_80"],
  ["site-10-0-11-1-80", "site_10_0_11_1_80"],
  ["rs1", "rs1"],
  ["rs-1", "rs_1"],
  ["host", "theHost"],
  ["Director_x", "directorX"],
  ["192", "the192"],
])("the variable of %s is %s", (name, expected) => {
  expect(variable(name)).toBe(expected);
});
