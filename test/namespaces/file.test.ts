import type { Host } from "./host";
import { declare, Resource, Site } from "./site";
import { snapshot } from "./snapshot";

const site = new Site();
let server: Host;
let before: string;

beforeAll(async () => {
  const lan = await site.network("10.77.5.1/24");
  server = await site.host("server", { eth0: [lan, "10.77.5.2/24"] });
  await server.run(
    "printf 'found: here' >/etc/found.conf; chmod 640 /etc/found.conf; chown daemon:adm /etc/found.conf",
  );
  before = await snapshot(server);
});
afterAll(() => site.close());

const file = (more: object) => new Resource("File", { host: declare(server, "10.77.5.2"), ...more });

test("a file in a folder that was not there comes with owner and mode, and goes with the folder", async () => {
  const page = file({
    path: "/srv/site/html/index.html",
    content: "one\n",
    mode: "0640",
    user: "daemon",
    group: "adm",
  });
  await page.create();
  expect(await server.run("stat -c '%a %U %G %s' /srv/site/html/index.html")).toBe("640 daemon adm 4\n");
  expect(await page.differences()).toEqual([]);
  await page.delete();
  expect(await snapshot(server)).toBe(before);
});

test.each([
  ["its content", "echo other >", "content"],
  ["its mode", "chmod 600", "mode"],
  ["its owner", "chown daemon", "user"],
  ["the file itself", "rm", "state"],
])("%s, changed by hand, shows and is repaired", async (_, byHand, property) => {
  const conf = file({ path: "/etc/lvs-test.conf", content: "right\n" });
  await conf.create();
  await server.run(`${byHand} /etc/lvs-test.conf`);
  await conf.read();
  expect(await conf.differences()).toContain(property);
  await conf.update();
  expect(await conf.differences()).toEqual([]);
  expect(await server.run("cat /etc/lvs-test.conf; stat -c '%a %U' /etc/lvs-test.conf")).toBe("right\n644 root\n");
  await conf.delete();
  expect(await snapshot(server)).toBe(before);
});

test("a file that was found comes back exactly, with its owner, mode and missing newline", async () => {
  const conf = file({ path: "/etc/found.conf", content: "ours\n" });
  await conf.create();
  expect(await server.run("stat -c '%a %U' /etc/found.conf; cat /etc/found.conf")).toBe("644 root\nours\n");
  await conf.update({ ...conf.inputs, content: "ours again\n" });
  await conf.delete();
  expect(await server.run("stat -c '%a %U %G' /etc/found.conf; cat /etc/found.conf")).toBe(
    "640 daemon adm\nfound: here",
  );
  expect(await snapshot(server)).toBe(before);
});

test("the absence of a file is declared, and deleting brings it back", async () => {
  const gone = file({ path: "/etc/found.conf", state: "absent" });
  await gone.create();
  expect(await server.run("ls /etc/found.conf 2>&1 || :")).toContain("No such file");
  await gone.delete();
  expect(await snapshot(server)).toBe(before);
});

test("content with every kind of quote, long lines and no newline arrives as it is", async () => {
  const content = `'"\`$HOME\\ %s\t\u00e4\n${"x".repeat(100_000)}\nEOF`;
  const odd = file({ path: "/etc/lvs-odd", content });
  await odd.create();
  expect(await server.run("cat /etc/lvs-odd")).toBe(content);
  expect(await odd.differences()).toEqual([]);
  await odd.delete();
  expect(await snapshot(server)).toBe(before);
});

test("an owner that the host does not know is an error, and nothing is left", async () => {
  const conf = file({ path: "/etc/lvs-test.conf", content: "", user: "nobody-has-this" });
  await expect(conf.create()).rejects.toThrow(/Is there a user nobody-has-this/);
  await conf.delete();
  expect(await snapshot(server)).toBe(before);
});
