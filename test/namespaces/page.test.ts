import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { page } from "../../cli/graph/page";
import { readState } from "../../cli/state";
import { exported, HOSTILE, status } from "../cli/drawn-site";
import * as site from "../cli/shown-site";
import { inBrowser } from "../lab/browser";

// The page of `pulumi-lvs graph` in a real browser, which has no network here.

const folder = mkdtempSync(join(tmpdir(), "lvs-page-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("the page shows the picture, the figures and the chart; it runs nothing, fetches nothing, and comes anew", async () => {
  const file = join(folder, "site.html");
  const write = async (seen: typeof status, at: string, every?: number) =>
    writeFileSync(file, await page(readState(exported), seen, { at: new Date(at), ...(every && { every }) }));
  await write(status, "2026-01-02T03:04:05Z");

  await inBrowser(async (context) => {
    const shown = await context.newPage();
    const said: string[] = [];
    shown.on("console", (message) => said.push(message.text()));
    shown.on("pageerror", (error) => said.push(error.message));
    const asked = new Set<string>();
    shown.on("request", (request) => asked.add(request.url()));
    await shown.goto(pathToFileURL(file).href);

    expect(await shown.title()).toBe("shop/prod: Linux Virtual Server");
    const texts = await shown.locator("figure svg text").allTextContents();
    expect(texts).toEqual(
      expect.arrayContaining(["director2", "has the VIP", "dr, weight 0 of 3, out for maintenance", "not reached"]),
    );
    expect(await box(shown.locator("figure svg"))).toBeGreaterThan(300);

    const row = shown.locator("tr", { hasText: "172.17.111.12:0" }).first();
    expect(await row.locator("th, td").allInnerTexts()).toEqual([
      ...["rs2", "172.17.111.12:0", "dr", "0 of 3", "7", "21", "12", "34,567", "0"],
      `out since 2026-01-02T03:04:05Z: a disk ${HOSTILE} (root@desk)`,
    ]);
    expect(await shown.locator("section.wrong li").allInnerTexts()).toEqual([
      `host app2: no answer in 20 s: ${HOSTILE}`,
      expect.stringContaining("rs2: Sysctl arp-rs2: value is "),
    ]);
    const bar = shown.locator("tr", { hasText: "rs2" }).locator("meter");
    expect(await bar.getAttribute("value")).toBe("14");
    expect(await box(bar)).toBeGreaterThan(100);

    // Of a page that is made anew nothing else is asked: the browser may read it again at any moment.
    await write(status, "2026-01-02T03:04:05Z", 1);
    await shown.reload();
    // Nobody touches the browser: it reads the page again, and the last page stays as it is.
    await write({ hosts: [] }, "2026-01-02T03:04:06Z");
    await shown.getByText("0 hosts, 0 not reached").waitFor();
    expect(await shown.locator("time").textContent()).toBe("2026-01-02T03:04:06.000Z");
    expect(await shown.locator("script, meta[http-equiv=refresh]").count()).toBe(0);
    expect(said).toEqual([]);
    expect([...asked]).toEqual([pathToFileURL(file).href]);
  });
});

// With LVS_PICTURES=write (`npm run pictures`) the page and its picture are made anew. Fonts differ from one release of Debian to
// the next, so it is the page that is compared.
test("the page of which README has a picture is what the command makes", async () => {
  const pictures = join(__dirname, "../../docs/pictures");
  const [file, picture] = [join(pictures, "page.html"), join(pictures, "page.png")];
  const text = await page(readState(site.exported), site.status, { at: new Date("2026-01-02T03:10:00Z") });
  if (process.env.LVS_PICTURES === "write") {
    writeFileSync(file, text);
    await inBrowser(async (context) => {
      const tab = await context.newPage();
      await tab.setViewportSize({ width: 1040, height: 400 });
      await tab.goto(pathToFileURL(file).href);
      await tab.screenshot({ path: picture, fullPage: true });
    });
  }
  if (readFileSync(file, "utf8") !== text)
    throw new Error("docs/pictures/page.html is not what the command makes any more: npm run pictures");
  // Whoever reads README loads it.
  expect(readFileSync(picture).length).toBeLessThan(150_000);
});

async function box(one: { boundingBox(): Promise<{ width: number } | null> }): Promise<number> {
  return (await one.boundingBox())?.width ?? 0;
}
