import { ShopClient } from "../lab/shop-client";
import { LocalShops } from "./local-shops";

// These tests show why a cluster without persistence refuses servers that each have a database of their own.

const [mug, tent] = ["/catalogue/enamel-mug_3/", "/catalogue/two-person-tent_1/"];
const shops = new LocalShops();

beforeAll(() => shops.start(2));
afterAll(() => shops.close());

test("with a database each, a customer who stays on a server is served well", async () => {
  for (const url of shops.urls) {
    const customer = new ShopClient(url);
    await customer.addToBasket(mug);
    expect(await customer.basketTitles()).toEqual(["Enamel mug"]);
    expect(await customer.checkout()).toMatch(/^\d+$/);
  }
});

test("a customer who comes to the other server is shown somebody else's basket", async () => {
  const [ada, ben] = shops.urls.map((url) => new ShopClient(url)) as [ShopClient, ShopClient];
  await ada.addToBasket(mug);
  await ben.addToBasket(tent);
  const moved = new ShopClient(shops.urls[1] as string, {}, ada.save());
  expect(await moved.basketTitles()).toEqual(["Two-person tent"]);
});

test("a customer whom the servers serve in turn has lost the basket", async () => {
  const customer = new ShopClient(shops.urls);
  await customer.addToBasket(mug);
  expect(await customer.basketTitles()).toEqual([]);
  await expect(customer.checkout()).rejects.toThrow(/expected \/checkout\//);
});
