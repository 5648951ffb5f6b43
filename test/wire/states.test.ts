import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { constantStub, DynamicProvider } from "./dynamic-provider";
import { expectNoChange } from "./no-change";

// States of stacks as each version wrote them. The code of today must accept each state and show no change.

interface Recorded {
  kind: string;
  id: string;
  inputs: object;
  outputs: object;
}

// The program of today names the parents of an owner, too.
const [owner, ownerToday] = ["lvs/prod/it", "lvs/prod/lvs:NatCluster::it"];

const folder = join(__dirname, "states");
const declaredHost = {
  name: "director",
  address: "192.0.2.1",
  hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGdWn+IBr1Itjtgpmoh8EZ8L7eKChuKmJEkyr/bqmU/r",
};
const storedHost = {
  ...declaredHost,
  port: 22,
  user: "root",
  hostKeyChecking: "on",
  ready: 60,
  onUnreachable: "fail",
};

let provider: DynamicProvider;
beforeAll(async () => {
  provider = await DynamicProvider.start();
});
afterAll(() => provider.stop());

describe.each(readdirSync(folder))("the state of %s", (file) => {
  const recorded = JSON.parse(readFileSync(join(folder, file), "utf8")) as Recorded[];

  test.each(recorded.map((each) => [each.kind, each] as const))(
    "%s: no change",
    async (kind, { id, inputs, outputs }) => {
      const frame = { owner, __provider: constantStub(kind) };
      const olds = { ...outputs, ...frame, host: storedHost, machine: "0123456789abcdef0123456789abcdef" };
      await expectNoChange(provider, id, olds, { ...inputs, ...frame, host: declaredHost });
      await expectNoChange(provider, id, olds, { ...inputs, ...frame, owner: ownerToday, host: declaredHost });
    },
  );
});
