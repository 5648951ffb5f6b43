import { Route } from "pulumi-lvs";
import { SETTLED } from "../namespaces/snapshot";
import { Stack } from "./engine";
import { type KernelHost, SharedKernel } from "./kernel";
import { declared } from "./site";

// A host that nobody reaches any more is lost. Each of these changes was one line of a program.

jest.setTimeout(300_000);

let kernel: SharedKernel;
let routed: KernelHost;
const stack = new Stack();
/** Where the tests are, on the network by which they reach every host. */
const client = () => routed.address.replace(/\d+$/, "1");
const state = (host: KernelHost) =>
  host.run(`${SETTLED}; ip -o address; ip route show table all; ls /etc/lvs /var/lib/lvs 2>&1; :`);

beforeAll(async () => {
  kernel = await SharedKernel.boot();
  routed = await kernel.host("routed", { eth0: ["lan", "10.0.0.2/24"] });
});
afterAll(() => kernel?.end());

const toClient = (where: object) => () => new Route("way", { host: declared(routed), to: client(), ...where });

test("a wrong route to the one host where Pulumi runs is undone by the host, and a right one is kept", async () => {
  const before = await state(routed);
  await expect(stack.up(toClient({ via: "10.0.0.99" }))).rejects.toThrow(
    /setting the route 10\.99\.\d+\.1 via 10\.0\.0\.99: this cut off our own connection; the host has put the old state back/,
  );
  expect(await routed.run("ls /etc/lvs 2>&1 || :")).toContain("No such file");
  expect(await stack.up(toClient({ device: "mgmt0" }))).toEqual(["update Route way"]);
  expect(await stack.drift(toClient({ device: "mgmt0" }))).toEqual([]);
  await stack.destroy();
  expect(await state(routed)).toBe(before);
});
