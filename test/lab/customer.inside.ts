import { readFile, writeFile } from "node:fs/promises";
import { poll } from "../../provider/host/poll";
import { ShopClient } from "./shop-client";
import { type CustomerState, sources, vip } from "./shop-site";

// One half of a customer's order. LabStack.customer starts this test in the lab's namespace, and reads what the test
// wrote.
jest.setTimeout(10 * 60_000);

const file = process.env.LVS_CUSTOMER as string;
const options = { localAddress: sources[0] as string };

const halves = {
  async begin() {
    const client = new ShopClient(`http://${vip}`, options);
    const [product] = await client.browse("/catalogue/category/camp_1/");
    await client.addToBasket(product as string);
    await client.beginCheckout();
    return { client, orders: [] };
  },

  async finish() {
    const { customer } = JSON.parse(await readFile(file, "utf8")) as CustomerState;
    const client = new ShopClient(`http://${vip}`, options, customer);
    await reloadUntilAnswered(client);
    const orders = [await client.finishCheckout(), await client.lastOrder(), await client.lastOrder()];
    return { client, orders };
  },
};

test("half an order", async () => {
  const { client, orders } = await halves[process.env.LVS_CUSTOMER_HALF as keyof typeof halves]();
  await writeFile(file, JSON.stringify({ customer: client.save(), servers: client.servers, orders }));
});

/**
 * Reloads as a customer does whose server has just failed. A page may be requested any number of times. An order is
 * sent only once.
 */
async function reloadUntilAnswered(client: ShopClient): Promise<void> {
  const ask = () => client.page("/basket/").catch((problem: Error) => problem);
  const isPage = (answer: Awaited<ReturnType<typeof ask>>) => "status" in answer && answer.status === 200;
  const answer = await poll(ask, isPage, { within: 5 * 60, every: 1 });
  if (!isPage(answer)) throw answer;
}
