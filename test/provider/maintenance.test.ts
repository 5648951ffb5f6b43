import { find } from "../../provider/host/fact";
import { outOfService, type Place, remember, rememberWeight } from "../../provider/ipvs/maintenance";
import { MemoryHost } from "./memory-host";
import { onHosts } from "./on-host";

onHosts("the record of a maintenance", () => {
  let host: MemoryHost;
  beforeEach(() => {
    host = new MemoryHost();
  });
  afterEach(() => host[Symbol.dispose]());

  test("keeps what it was told, and changes the weight of one place alone", async () => {
    const four = (port: number): Place => ({
      match: { protocol: "tcp", address: "10.0.0.9", port },
      key: `10.0.1.1:${port}`,
      weight: 2,
    });
    const six: Place = { match: { mark: 99, family: "ipv6" }, key: "[fd00::1]:0", weight: 3, scheduler: "dh" };
    const steps = [
      remember("10.0.1.1", [four(80), four(8080)]),
      remember("fd00::1", [six]),
      rememberWeight({ ...four(80), weight: 0 }),
      rememberWeight({ ...six, weight: 12 }),
    ];
    expect((await host.run({ steps })).steps.map(({ exit }) => exit)).toEqual([0, 0, 0, 0]);
    expect([...(await find(host, outOfService()))]).toEqual([
      ["10.0.1.1", [{ ...four(80), weight: 0 }, four(8080)]],
      ["fd00::1", [{ ...six, weight: 12 }]],
    ]);
  });
});
