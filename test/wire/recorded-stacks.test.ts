import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DynamicProvider } from "./dynamic-provider";
import { expectNoChange } from "./no-change";

// What stacks of the experiments held, recorded from real runs. Their secrets and keys are replaced by words.

interface Resource {
  kind: string;
  id: string;
  inputs: Record<string, unknown>;
  outputs: Record<string, unknown>;
}

const folder = join(__dirname, "stacks");

describe.each(readdirSync(folder))("the stack of %s", (file) => {
  // A process of its own, as in a preview: two programs may declare one thing differently.
  let provider: DynamicProvider;
  beforeAll(async () => {
    provider = await DynamicProvider.start();
  });
  afterAll(() => provider.stop());

  const recorded = JSON.parse(readFileSync(join(folder, file), "utf8")) as Resource[];

  test.each(recorded.map((each) => [each.id, each] as const))("%s: no change", async (_, { id, inputs, outputs }) => {
    await expectNoChange(provider, id, outputs, inputs);
  });
});
