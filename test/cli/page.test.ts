import { spawnSync } from "node:child_process";
import { html } from "../../cli/graph/html";
import { page } from "../../cli/graph/page";
import { readState } from "../../cli/state";
import { exported, HOSTILE, status } from "./drawn-site";

const at = new Date("2026-01-02T03:04:05Z");

test("a template escapes what is put into it, and keeps HTML", () => {
  expect(html`<p title="${'"x'}">${["<b>", html`<i>${1}</i>`, undefined]}</p>`.source).toBe(
    '<p title="&#34;x">&#60;b&#62;<i>1</i></p>',
  );
});

test("the page has the figures, and nothing of it is a script, whatever hosts and programs say", async () => {
  const text = await page(readState(exported), status, { at });
  expect(text).toContain("shop/prod: Linux Virtual Server");
  expect(text).toContain("7 hosts, 1 not reached; 1 not as declared; 3 destinations out");
  expect(text).toContain("web MASTER since 2026-01-01T00:00:00.000Z");
  expect(text).toMatch(/0 of 3<.*\n.*34,567.*\n.*out since 2026-01-02T03:04:05Z: a disk &#34;&#60;script/);
  expect(text).toMatch(/rs2<.*max="20" value="14".*\n.*>14<.*>70 %<.*\n.*>75 %</);
  expect(text).not.toContain(HOSTILE);
  expect(text).not.toMatch(/<script|<!--|\son\w+=|http-equiv="refresh"/i);
  expect(text).not.toMatch(/\s(src|\w*:?href)=|url\(/);
});

test("a page that is made anew has the browser read it again", async () => {
  expect(await page(readState(exported), status, { at, every: 5 })).toContain(
    '<meta http-equiv="refresh" content="5">',
  );
});

test("a stack without a site has a page, too", async () => {
  const text = await page(readState({}), { hosts: [] }, { at });
  expect(text).toContain("0 hosts, 0 not reached");
});

test("no other command loads Graphviz", () => {
  const main = require.resolve("../../cli/dist/main.js");
  const script = `require(${JSON.stringify(main)}); process.stdout.write(Object.keys(require.cache).join("\\n"))`;
  const loaded = spawnSync(process.execPath, ["-e", script], { encoding: "utf8" }).stdout.split("\n");
  expect(loaded).toContain(main);
  expect(loaded.filter((file) => file.includes("@viz-js"))).toEqual([]);
});
