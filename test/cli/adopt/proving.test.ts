import { type DeclaredHost, declaredHost } from "pulumi-lvs-provider/operations";
import { Proving } from "../../../cli/adopt/adopt";
import { filesOf } from "../../../cli/commands/adopt";
import { register } from "../../../sdk/registered";
import { director, rs, shapeOf } from "./hosts";

// The SDK has the classes of a program from the command's package. Here they are those of its source.
jest.mock("pulumi-lvs-cli", () => jest.requireActual("../../../cli/adopt/program"));

/** The kinds that the first `up` would change on the hosts. */
const changing = new Set<string>();
jest.mock("pulumi-lvs-provider/operations", () => ({
  ...jest.requireActual("pulumi-lvs-provider/operations"),
  foresee: async (_: unknown, kind: string) => (changing.has(kind) ? [`change the ${kind}`] : []),
}));

const NAT = `-A -t 192.0.2.9:80 -s rr
-a -t 192.0.2.9:80 -r 10.0.0.11:80 -m -w 1
-a -t 192.0.2.9:80 -r 10.0.0.12:80 -m -w 2
`;
const WARNING =
  'NatCluster "site": scheduler: rr with the weights 1 and 2: this scheduler gives every server the same share, whatever ' +
  "the weights. Choose wrr in the place of rr";

/** What is declared of a site behind NAT, and what is told. */
async function taken(...change: string[]) {
  changing.clear();
  for (const kind of change) changing.add(kind);
  const declared = ["director", "rs11", "rs12"].map(
    (name) => declaredHost.parse({ name, address: "192.0.2.1" }) as DeclaredHost,
  );
  const proving = new Proving(new Map(declared.map((one) => [one.name, one])), { register }, {});
  const notes: { host: string; what: string; why: string }[] = [];
  const declarations = [];
  for (const part of shapeOf([director(NAT), rs(11), rs(12)]).parts)
    declarations.push(...(await proving.take(part, notes)));
  return { proving, notes, declarations };
}

const heard = jest.spyOn(console, "error").mockImplementation();
const warned = jest.spyOn(console, "warn").mockImplementation();

test("what the preview warns of is told with what is taken, and not on the way there", async () => {
  const { proving, declarations, notes } = await taken();
  expect(declarations.map((one) => one.class)).toEqual(["NatCluster"]);
  expect(proving.warnings).toEqual([expect.stringContaining(WARNING)]);
  expect([...heard.mock.calls, ...warned.mock.calls]).toEqual([]);
  const found = { declarations, things: proving.things, notes, warnings: proving.warnings, secrets: {}, places: {} };
  expect(filesOf("site", "adopted", new Map(), found)["ADOPTED.md"]).toContain(
    `## What the preview warns of\n\n- ${WARNING}`,
  );
});

test("what is left out warns of nothing", async () => {
  const { proving, declarations } = await taken("Route", "VirtualService");
  expect(declarations.map((one) => one.class)).toEqual(["Director"]);
  expect(proving.warnings).toEqual([]);
  expect([...heard.mock.calls, ...warned.mock.calls]).toEqual([]);
});
