import { createHash } from "node:crypto";
import { Host, TlsCertificate, WebSite, type WebSiteArgs } from "../../sdk/index";
import { only, type Registered, register, secret } from "./registered";

const host = new Host("rs1");
const certificate = { certificate: "CERT", privateKey: "KEY" };
const declare = (args: Omit<WebSiteArgs, "host"> = {}) => register(() => new WebSite("www", { host, ...args }));
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const files = (registered: Registered[]) => registered.filter(({ type }) => type.endsWith(":File"));

test("nginx serves the pages, on https too where there is a certificate", async () => {
  const registered = await declare({ certificate });
  expect(only(registered, "Package").inputs).toMatchObject({ package: "nginx" });
  const found = files(registered).map(({ name, inputs }) => [name, inputs.path, inputs.mode, inputs.state]);
  expect(found.sort()).toEqual([
    ["www-certificate", "/etc/nginx/lvs-site.crt", undefined, undefined],
    ["www-configuration", "/etc/nginx/conf.d/lvs-site.conf", undefined, undefined],
    ["www-default", "/etc/nginx/sites-enabled/default", undefined, "absent"],
    ["www-index", "/srv/lvs/site/index.html", undefined, undefined],
    ["www-key", "/etc/nginx/lvs-site.key", "0600", undefined],
    ["www-ok", "/srv/lvs/site/ok.html", undefined, undefined],
  ]);
  expect(only(registered, "File", "www-ok").inputs.content).toBe("OK\n");
  expect(only(registered, "File", "www-index").inputs.content).toContain("<h1>rs1</h1>");
});

test("the private key is a secret, and so is its digest", async () => {
  const registered = await declare({ certificate });
  expect(only(registered, "File", "www-key").inputs.content).toEqual(secret("KEY"));
  expect(JSON.stringify(registered).split("KEY")).toHaveLength(2);
  expect(only(registered, "SystemdService").inputs.configuration).toMatchObject({
    "/etc/nginx/lvs-site.key": secret(sha256("KEY")),
  });
});

test("the service is reloaded with what is declared, after a test, and comes after package and files", async () => {
  const registered = await declare({ certificate });
  const service = only(registered, "SystemdService");
  const configuration = only(registered, "File", "www-configuration").inputs.content as string;
  expect(service.inputs).toMatchObject({
    unit: "nginx.service",
    validate: ["nginx", "-t"],
    configuration: {
      "/etc/nginx/sites-enabled/default": "absent",
      "/etc/nginx/conf.d/lvs-site.conf": sha256(configuration),
      "/etc/nginx/lvs-site.crt": sha256("CERT"),
    },
  });
  expect(service.dependsOn.sort()).toEqual(
    files(registered)
      .map(({ name }) => name)
      .sort(),
  );
  for (const file of files(registered)) expect(file.dependsOn).toEqual(["www-nginx"]);
});

test.each([[undefined], [true], [false]])("ipv6: %s", async (ipv6) => {
  const configuration = only(await declare({ ...(ipv6 !== undefined && { ipv6 }) }), "File", "www-configuration");
  expect(String(configuration.inputs.content).includes("[::]")).toBe(ipv6 !== false);
});

test("without a certificate there is http alone", async () => {
  const registered = await declare();
  expect(only(registered, "File", "www-configuration").inputs.content).not.toContain("443");
  expect(files(registered).map(({ name }) => name)).toEqual([
    "www-default",
    "www-configuration",
    "www-index",
    "www-ok",
  ]);
});

test("name, site, root and page can be chosen; a generated certificate is taken as it is", async () => {
  const registered = await register(() => {
    const shared = new TlsCertificate("shared", { names: ["192.0.2.1"] });
    new WebSite("www", { host, name: "first", site: "shop", root: "/var/www", page: "Hello", certificate: shared });
  });
  expect(only(registered, "File", "www-index").inputs).toMatchObject({ path: "/var/www/index.html", content: "Hello" });
  const configuration = only(registered, "File", "www-configuration").inputs;
  expect(configuration.path).toBe("/etc/nginx/conf.d/lvs-shop.conf");
  expect(configuration.content).toContain('add_header X-Backend "first" always;');
  expect(only(registered, "File", "www-key").inputs.content).toEqual(secret("KEY"));
});

const refused: [args: Omit<WebSiteArgs, "host">, message: RegExp][] = [
  [{ name: 'a"; return 403; "' }, /WebSite "www": name: /],
  [{ name: "$host" }, /WebSite "www": name: /],
  [{ site: "../x" }, /WebSite "www": site: /],
  [{ application: { port: 80 } }, /WebSite "www": application.port: 80 is nginx's own/],
  [
    { application: { port: 443 }, certificate: { certificate: "CERT", privateKey: "KEY" } },
    /application.port: 443 is nginx's own/,
  ],
  [
    { application: { port: 8000, folders: { "/static/": "/srv/../etc" } } },
    /folders: "\/static\/": "\/srv\/\.\.\/etc"/,
  ],
  [{ root: "www" }, /WebSite "www": root: "www" is not an absolute path/],
];
test.each(refused)("%j is refused", (args, message) => {
  expect(() => new WebSite("www", { host, ...args })).toThrow(message);
});
