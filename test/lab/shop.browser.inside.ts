import { join } from "node:path";
import type { Page } from "playwright-core";
import { brokenPictures, follow, inBrowser, Traffic } from "./browser";
import { vip } from "./shop-site";

// A customer with a browser. A test of the shop starts this file in the lab's namespace.
jest.setTimeout(10 * 60_000);

const folder = process.env.LVS_SCREENSHOTS ?? join(__dirname, "..", "..", ".lab", "screenshots");

/** The servers that answered, over http and https together. */
const servers = new Set<string>();

test.each(["http", "https"])(
  "a customer buys a mug in a browser over %s, always from the same server",
  async (scheme) => {
    await inBrowser(async (context) => {
      const traffic = new Traffic(context);
      const page = await context.newPage();
      const origin = `${scheme}://${vip}`;
      const order = await buy(page, `${origin}/`, (name) =>
        page.screenshot({ path: join(folder, `${scheme}-${name}.png`), fullPage: true }),
      );
      expect(order).toMatch(/^\d+$/);
      expect(traffic.failures).toEqual([]);
      expect([...traffic.origins]).toEqual([origin]);
      for (const server of traffic.servers) servers.add(server);
      expect([...servers]).toEqual([expect.stringMatching(/^rs[12]$/)]);
    });
  },
);

/** Buys something: from the home page to the order's number. */
async function buy(page: Page, home: string, keep: (name: string) => Promise<unknown>): Promise<string> {
  const [link, button] = [
    (name: string) => page.getByRole("link", { name, exact: true }),
    (name: string) => page.getByRole("button", { name, exact: true }),
  ];
  await page.goto(home);
  expect(await page.locator("article img").count()).toBe(12);
  expect(await brokenPictures(page)).toEqual([]);
  await keep("1-home");

  await follow(page, page.locator(".shop-category", { hasText: "Camp" }));
  await follow(
    page,
    page
      .locator("h3")
      .filter({ has: link("Enamel mug") })
      .getByRole("link"),
  );
  expect(await page.locator("article img").count()).toBe(1);
  expect(await brokenPictures(page)).toEqual([]);
  await keep("2-product");

  await follow(page, button("Add to basket"));
  await follow(page, page.locator(".alert").getByRole("link", { name: "View basket" }));
  expect(await page.locator(".basket-items h3").allInnerTexts()).toEqual(["Enamel mug"]);
  await keep("3-basket");

  await follow(page, link("Proceed to checkout"));
  await page.getByLabel("My email address is").fill("ada@example.com");
  await page.getByLabel("checkout as a guest").check();
  await follow(page, button("Continue"));
  for (const [field, value] of Object.entries(address)) await page.locator(`[name=${field}]`).fill(value);
  await page.locator("[name=country]").selectOption("DE");
  await follow(page, button("Continue"));
  await follow(page, link("Continue"));
  await follow(page, button("Place order"));
  await keep("4-order");
  return (await page.locator("#order-number").textContent()) ?? "";
}

const address = {
  first_name: "Ada",
  last_name: "Byron",
  line1: "Kantstraße 1",
  line4: "Berlin",
  postcode: "10623",
};
