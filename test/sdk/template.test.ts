import * as pulumi from "@pulumi/pulumi";
import { only, register } from "./registered";

jest.mock("pulumi-lvs", () => jest.requireActual("../../sdk/index"), { virtual: true });

/** Runs the template's program for these real servers. */
const run = (realServers: string) =>
  register(() => {
    pulumi.runtime.setAllConfig({
      ...{ "shop:vip": "192.0.2.10", "shop:director": "192.0.2.2", "shop:realServers": realServers },
    });
    jest.isolateModules(() => {
      jest.doMock("@pulumi/pulumi", () => pulumi);
      require("../../templates/lvs-typescript/index");
    });
  });

// `pulumi new` asks for them, and people answer as they are used to.
test.each(["192.0.2.11 192.0.2.12", "192.0.2.11, 192.0.2.12", " 192.0.2.11,192.0.2.12 "])(
  "the template takes the real servers %j",
  async (realServers) => {
    const { destinations } = only(await run(realServers), "VirtualService").inputs;
    expect(Object.keys(destinations as object)).toEqual(["192.0.2.11:80", "192.0.2.12:80"]);
  },
);
