import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { transformSync } from "@swc/core";
import * as lvs from "../../sdk/index";
import { register, unmarked } from "../sdk/registered";
import type { Host } from "./host";
import { manageServices } from "./service-manager";
import { declare, Resource, Site } from "./site";
import { snapshot } from "./snapshot";

// The program of docs/in-place-of-ansible.md, as it stands there.

const guide = readFileSync(join(__dirname, "../../docs/in-place-of-ansible.md"), "utf8");
const source = /```ts\n([^`]*(?:`[^`]+)*?)```/.exec(guide)?.[1] ?? "";

const site = new Site();
let web: Host;
let before: string;
beforeAll(async () => {
  const lan = await site.network("10.77.31.1/24");
  web = await site.host("web", { eth0: [lan, "10.77.31.2/24"] });
  await manageServices(web);
  await web.run("mkdir -p /etc/systemd/system");
  before = await snapshot(web);
});
afterAll(() => site.close());

/** Runs the program with a configuration. Returns what it declares, each after what it depends on. */
async function declared(): Promise<Resource[]> {
  const { code } = transformSync(source, {
    jsc: { parser: { syntax: "typescript" }, target: "es2022" },
    module: { type: "commonjs" },
  });
  const modules: Record<string, unknown> = { "@pulumi/pulumi": pulumi, "pulumi-lvs": lvs };
  const load = (name: string) => modules[name] ?? jest.requireActual(name);
  const registered = await register(() => {
    pulumi.runtime.setConfig("shop:web", JSON.stringify(declare(web, "10.77.31.2", { name: undefined })));
    pulumi.runtime.setConfig("shop:gateway", "10.77.31.1");
    new Function("require", "exports", code)(load, {});
  });
  return registered.map(({ type, name, inputs }) => {
    const { owner: _, __provider: __, ...own } = unmarked(inputs) as Record<string, unknown>;
    return new Resource(type.split(":").at(-1) ?? "", own, `shop/test/${name}`);
  });
}

test("the program of the guide comes, shows drift, repairs it, and goes without a trace", async () => {
  const all = await declared();
  const names = ["hello", "keepalive", "office", "page", "python", "unit"];
  expect(all.map(({ owner }) => owner.split("/").at(-1)).sort()).toEqual(names);
  for (const one of all) await one.create();
  for (const one of all) expect(await one.differences()).toEqual([]);
  expect(await web.run("curl -s --retry 9 --retry-connrefused http://127.0.0.1:8080/")).toBe("Hello\n");
  expect(await web.run("cat /proc/sys/net/ipv4/tcp_keepalive_time; ip route show 10.99.0.0/24")).toMatch(
    /^600\n10\.99\.0\.0\/24 via 10\.77\.31\.1 /,
  );

  await web.run("echo Goodbye >/srv/hello/index.html; ip route del 10.99.0.0/24; systemctl stop hello");
  const drifted: string[] = [];
  for (const one of all) {
    await one.read();
    for (const property of await one.differences()) drifted.push(`${one.owner.split("/").at(-1)}.${property}`);
  }
  expect(drifted.sort()).toEqual(["hello.running", "office.device", "office.via", "page.content"]);
  for (const one of all) await one.up();
  expect(await web.run("curl -s --retry 9 --retry-connrefused http://127.0.0.1:8080/")).toBe("Hello\n");

  for (const one of all.toReversed()) await one.delete();
  await web.run("rm -rf /run/units");
  expect(await snapshot(web)).toBe(before);
});
