import { Conflict } from "../../provider/host/errors";
import { apply } from "../../provider/reconcile/reconcile";
import { onHosts, resources } from "./on-host";

// Of the sites of a host one answers every name. nginx refuses two that do.

const at = (site: string) => `/etc/nginx/conf.d/lvs-${site}.conf`;
const block = (how: string) => `server {\n  listen 80${how};\n  listen 443 ssl${how};\n  root "/srv";\n}\n`;
const DEFAULT = block(" default_server");
const site = (name: string) => ({ path: at(name), content: DEFAULT });

onHosts("nginx's site for every name", () => {
  const files = resources("File");
  const texts = () => ["one", "two"].map((name) => (files.host.has(at(name)) ? files.host.text(at(name)) : "none"));

  test("changes hands within a stack: the former site stays without it until it is deleted", async () => {
    const before = files.host.snapshot();
    await files.make({ ...site("one"), mode: "0640" }, undefined, "p/s/one");
    files.host.write(at("mine"), DEFAULT);
    expect((await files.make(site("two"), undefined, "p/s/two")).failure).toBeUndefined();
    expect([...texts(), files.host.mode(at("one"))]).toEqual([block(""), DEFAULT, "0640"]);
    // A site that nobody declares is left to nginx's judgement.
    expect(files.host.text(at("mine"))).toBe(DEFAULT);
    files.host.remove(at("mine"));
    await files.drop({ ...site("one"), mode: "0640" }, "p/s/one");
    expect(texts()).toEqual(["none", DEFAULT]);
    await files.drop(site("two"), "p/s/two");
    expect(files.host.snapshot()).toEqual(before);
  });

  test("goes back to the former site where the program goes back", async () => {
    await files.make(site("one"), undefined, "p/s/one");
    await files.make(site("two"), undefined, "p/s/two");
    expect((await files.read(site("one"), "p/s/one")).reported).toMatchObject({ content: block("") });
    expect((await files.make(site("one"), site("one"), "p/s/one")).failure).toBeUndefined();
    expect(texts()).toEqual([DEFAULT, block("")]);
  });

  test.each([0, 1, 2])(
    "one site at most answers every name where the connection is cut after step %d",
    async (steps) => {
      await files.make(site("one"), undefined, "p/s/one");
      files.host.cutAfter(steps);
      expect((await files.make(site("two"), undefined, "p/s/two")).failure?.message).toMatch("lost");
      expect(texts().filter((text) => text === DEFAULT).length).toBeLessThan(2);
      expect((await files.make(site("two"), site("two"), "p/s/two")).failure).toBeUndefined();
      expect(texts()).toEqual([block(""), DEFAULT]);
    },
  );

  test("of another stack is refused by name, and gives way where that stack is gone", async () => {
    await files.make(site("one"), undefined, "p/other/lvs:WebSite::one");
    const two = { owner: "p/s/two", want: files.want(site("two")) };
    const refused = apply(files.kind, files.host, two);
    await expect(refused).rejects.toThrow(Conflict);
    await expect(refused).rejects.toThrow(
      /^host memory: File \/etc\/nginx\/conf\.d\/lvs-two\.conf would be the site with which nginx answers every name, and \/etc\/nginx\/conf\.d\/lvs-one\.conf of p\/other\/one is\. Give one of the two a host of its own, .*supersedes: \["p\/other"\]/,
    );
    expect(texts()).toEqual([DEFAULT, "none"]);
    await apply(files.kind, files.host, { ...two, supersedes: ["p/other"] });
    expect(texts()).toEqual([block(""), DEFAULT]);
  });
});
