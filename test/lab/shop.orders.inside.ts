import { alerts, orderNumber, type Product } from "./shop-client";
import { customerOf, customersOfBothServers } from "./shop-site";

// Customers of two servers with one database. A test of the shop starts this file in the lab's namespace.
jest.setTimeout(10 * 60_000);

const both = ["rs1", "rs2"] as const;

/** The products that can be bought, beginning with the smallest stock. Emulated servers take a second for a page. */
let goods: readonly Product[];

beforeAll(async () => {
  goods = await toBuy();
});

test("of two customers who order more than there is, at the same time on two servers, one gets it", async () => {
  const customers = await customersOfBothServers();
  const [{ path, stock }] = goods as [Product];
  // The stock is enough for one such order, and not for two.
  const quantity = Math.floor(stock / 2) + 1;
  const previews = await each(customers, async (customer) => {
    await customer.addToBasket(path, quantity);
    await customer.beginCheckout();
    return customer.preview();
  });
  const pages = await each(customers, (customer, i) => customer.placeOrder(previews[i]));
  expect(customers.map((customer) => customer.servers)).toEqual([["rs1"], ["rs2"]]);
  expect(pages.filter((page) => orderNumber(page))).toHaveLength(1);
  const [refused] = pages.filter((page) => !orderNumber(page));
  expect(refused).toMatchObject({ path: "/basket/", status: 200 });
  expect(refused && alerts(refused).join()).toMatch(/somebody was faster|available|stock/i);
  expect(await customerOf(both).product(path)).toMatchObject({ stock: stock - quantity });
});

test("servers in turn show each customer the own basket, whoever else is there", async () => {
  const plenty = goods.slice(-8);
  const customers = [0, 1, 2, 3].map((i) => ({
    client: customerOf(i % 2 ? both : [...both].reverse()),
    buys: plenty.slice(2 * i, 2 * i + 2),
  }));
  const titles = await each(customers, async ({ client, buys }) => {
    for (const [i, { path }] of buys.entries()) {
      await client.addToBasket(path);
      const own = buys.slice(0, i + 1).map(({ title }) => title);
      for (const _ of both) expect(await client.basketTitles()).toEqual(own);
    }
    return buys.map(({ title }) => title);
  });
  for (const _ of [1, 2, 3]) expect(await each(customers, ({ client }) => client.basketTitles())).toEqual(titles);
  expect(new Set(titles.flat()).size).toBe(8);
  expect(customers.map(({ client }) => client.servers)).toEqual(customers.map(() => both));
});

test("an order that one server began, the other one finishes, once", async () => {
  const begins = customerOf(["rs1"]);
  const { path } = goods.at(-1) as Product;
  await begins.addToBasket(path);
  await begins.beginCheckout();
  const finishes = customerOf(["rs2"], {}, begins.save());
  const order = await finishes.finishCheckout();
  const asks = customerOf(both, {}, finishes.save());
  for (const _ of both) expect(await asks.lastOrder()).toBe(order);
  expect(await asks.basketTitles()).toEqual([]);
});

/** Both servers are asked at the same time, each for half of the products. */
async function toBuy(): Promise<Product[]> {
  const paths = await customerOf(both).browse();
  const halves = await each(both, async (name, half) => {
    const visitor = customerOf([name]);
    const found: Product[] = [];
    for (const path of paths.filter((_, i) => i % both.length === half)) found.push(await visitor.product(path));
    return found;
  });
  return halves
    .flat()
    .filter(({ stock }) => stock > 0)
    .sort((one, other) => one.stock - other.stock);
}

/** Does the same with all of them, at the same time. */
function each<T, R>(all: readonly T[], act: (one: T, index: number) => Promise<R>): Promise<R[]> {
  return Promise.all(all.map(act));
}
