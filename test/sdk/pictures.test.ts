import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { svg } from "../../cli/graph/svg";
import { topologyOf } from "../../cli/graph/topology";
import { readState } from "../../cli/state";
import { behindRouter, oneLan, shopLan, twoArm, twoDirectors } from "../../examples/machines";
import { artefact } from "../artefact";
import { GENERATED, register, unmarked } from "./registered";

jest.mock("pulumi-lvs", () => jest.requireActual("../../sdk/index"), { virtual: true });

// The pictures of the experiments in docs/pictures are what `pulumi-lvs graph` draws of what the programs declare. With
// LVS_PICTURES=write (`npm run pictures`) they are drawn anew.

const folder = join(__dirname, "../../docs/pictures");
const shop = artefact({ "manage.py": "\n" });
afterAll(() => rmSync(dirname(shop.path), { recursive: true }));

jest.spyOn(console, "warn").mockImplementation(() => {});

const machines = {
  nat: twoArm,
  dr: oneLan,
  persistence: oneLan,
  health: oneLan,
  shop: shopLan,
  ha: twoDirectors,
  ecmp: behindRouter,
};

/** What the state has after `pulumi up`, beside what the program declares. */
const OUTPUTS: Record<string, object> = { ...GENERATED, Failover: { holder: "director" } };

test("each experiment has a picture, but for the one that is no site", () => {
  const examples = join(__dirname, "../../examples");
  const names = readdirSync(examples).filter((file) => /^(?!.*\.d\.ts$).*\.ts$/.test(file));
  const experiments = names.filter((file) => readFileSync(join(examples, file), "utf8").includes("\n// Experiment"));
  expect(experiments.map((file) => file.replace(".ts", "")).sort()).toEqual([...Object.keys(machines), "bare"].sort());
});

test.each(Object.entries(machines))("the picture of the experiment %s is that of its program", async (name, guests) => {
  const addresses = Object.entries(guests).map(
    ([guest, { interfaces }]) => [guest, { address: interfaces[0]?.address.replace(/\/.*/, "") }] as const,
  );
  const registered = await register(() => {
    const several = addresses.flatMap(([guest, { address }]) => (/^director/.test(guest) ? [[guest, address]] : []));
    const settings = {
      ...{ experiment: name, hosts: JSON.stringify(Object.fromEntries(addresses)), artefact: shop.path },
      ...(several.length > 1 && { directors: JSON.stringify(Object.fromEntries(several)) }),
    };
    pulumi.runtime.setAllConfig(
      Object.fromEntries(Object.entries(settings).map(([key, value]) => [`shop:${key}`, value])),
    );
    jest.isolateModules(() => {
      // Only the program is loaded anew. Pulumi's seven hundred modules would take most of the time.
      jest.doMock("@pulumi/pulumi", () => pulumi);
      require("../../examples");
    });
  });
  const resources = registered.map(({ type, name: id, inputs }) => {
    const declared = unmarked(inputs) as object;
    const outputs = { ...declared, ...OUTPUTS[type.split(":").pop() ?? ""] };
    return { urn: `urn:pulumi:test::shop::${type}::${id}`, type, id, inputs: declared, outputs };
  });
  const picture = await svg(topologyOf(readState({ deployment: { resources } })));
  const file = join(folder, `${name}.svg`);
  if (process.env.LVS_PICTURES === "write") {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, picture);
  }
  if (readFileSync(file, "utf8") !== picture)
    throw new Error(`docs/pictures/${name}.svg is not what the program declares any more: npm run pictures`);
  for (const guest of Object.keys(guests)) expect(picture).toContain(`>${guest}</text>`);
});
