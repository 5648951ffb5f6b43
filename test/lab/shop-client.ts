import { type IncomingHttpHeaders, request as overHttp } from "node:http";
import { request as overHttps } from "node:https";

/** A page of the shop, after redirects, as a browser gets it. */
export interface Page {
  readonly path: string;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Product {
  readonly path: string;
  readonly title: string;
  readonly stock: number;
}

export interface ShopClientOptions {
  /** The address to send from. A director knows a client by this address. */
  readonly localAddress?: string;
  /** The site's name in requests. Default: the name in the URL */
  readonly host?: string;
  /** The longest time for an answer, in milliseconds. @default 120000 */
  readonly timeout?: number;
}

/** A customer's cookies. Another process can go on with them. */
export type SavedCustomer = Readonly<Record<string, string>>;

const nobody = {
  first_name: "Ada",
  last_name: "Byron",
  line1: "Kantstraße 1",
  line4: "Berlin",
  postcode: "10623",
  country: "DE",
};

/**
 * A customer of the shop in examples/shop, with cookies. Each request is a connection of its own, so a director decides
 * anew about each. Certificates are not verified.
 *
 * With several URLs, requests go to the URLs in turn. This must work where the servers share all state.
 */
export class ShopClient {
  readonly #bases: readonly URL[];
  readonly #cookies: Map<string, string>;
  readonly #servers: string[] = [];
  #turn = 0;

  constructor(
    urls: string | readonly string[],
    private readonly options: ShopClientOptions = {},
    saved: SavedCustomer = {},
  ) {
    this.#bases = [urls].flat().map((url) => new URL(url));
    this.#cookies = new Map(Object.entries(saved));
  }

  /** The customer's cookies, for another `ShopClient` that goes on with them. */
  save(): SavedCustomer {
    return Object.fromEntries(this.#cookies);
  }

  /** The servers that have answered, as they name themselves, each once. */
  get servers(): string[] {
    return [...new Set(this.#servers)].sort();
  }

  /** The paths of the products in a list. Default: the list of all products. */
  async browse(list = "/catalogue/"): Promise<string[]> {
    const { body } = await this.page(list);
    return [...new Set(matches(body, /href="(\/catalogue\/[^/"]+_\d+\/)"/g))];
  }

  /** A product's title, and how many there are in stock. */
  async product(path: string): Promise<Product> {
    const { body } = await this.page(path);
    const title = plain(body.match(/<h1>([^<]*)</)?.[1] ?? "?");
    return { path, title, stock: Number(body.match(/\((\d+) available\)/)?.[1] ?? 0) };
  }

  /** The addresses of a page's pictures, styles and scripts. */
  static assets(page: Page): string[] {
    return matches(page.body, /(?:src|href)="(\/(?:media|static)\/[^"]+)"/g);
  }

  /** @param product its path, as `browse` gives it */
  async addToBasket(product: string, quantity = 1): Promise<Page> {
    const page = await this.page(product);
    // The page may have forms for other products, too.
    const action = `/basket/add/${product.match(/_(\d+)\/$/)?.[1]}/`;
    if (!page.body.includes(`action="${action}"`)) throw new Error(`${product}: cannot be bought (${page.status})`);
    return this.submit(page, action, { quantity: String(quantity) });
  }

  async basketTitles(): Promise<string[]> {
    const { body } = await this.page("/basket/");
    const rows = body.split('class="basket-items"').slice(1);
    return rows.map((row) => plain(row.match(/<h3><a [^>]*>([^<]*)</)?.[1] ?? "?"));
  }

  /** The first half of an order: the customer's name and address. */
  async beginCheckout(email = "ada@example.com"): Promise<void> {
    const gateway = await this.page("/checkout/");
    const address = await this.submit(gateway, "/checkout/", { username: email, password: "", options: "anonymous" });
    expectPath(address, "/checkout/shipping-address/");
    const next = await this.submit(address, address.path, { ...nobody, notes: "", phone_number: "" });
    expectPath(next, "/checkout/payment-details/");
  }

  /** The second half of an order: preview and confirmation. Returns the order's number. */
  async finishCheckout(): Promise<string> {
    const done = await this.placeOrder();
    const number = orderNumber(done);
    if (!number) throw new Error(`no order: ${done.status} ${done.path}: ${alerts(done).join("; ")}`);
    return number;
  }

  /** Shows the order and its total. `placeOrder` confirms the order. */
  async preview(): Promise<Page> {
    const preview = await this.page("/checkout/preview/");
    expectPath(preview, "/checkout/preview/");
    return preview;
  }

  /** Confirms the order. Returns the next page, whatever it is. */
  async placeOrder(preview?: Page): Promise<Page> {
    const seen = preview ?? (await this.preview());
    return this.submit(seen, seen.path, { action: "place_order" });
  }

  /** The number of the last order, as the shop shows it later. */
  async lastOrder(): Promise<string | undefined> {
    return orderNumber(await this.page("/checkout/thank-you/"));
  }

  async checkout(email?: string): Promise<string> {
    await this.beginCheckout(email);
    return this.finishCheckout();
  }

  /** Requests a page by GET. */
  page(path: string): Promise<Page> {
    return this.#follow("GET", path);
  }

  /** Sends the form of a page. */
  submit(page: Page, action: string, fields: Record<string, string>): Promise<Page> {
    const token = page.body.match(/name="csrfmiddlewaretoken" value="([^"]+)"/)?.[1] ?? "";
    const form = new URLSearchParams({ csrfmiddlewaretoken: token, ...fields });
    return this.#follow("POST", action, form.toString(), page.path);
  }

  async #follow(method: string, path: string, body?: string, from?: string): Promise<Page> {
    let page = await this.#send(method, path, body, from);
    for (let hops = 0; page.status >= 300 && page.status < 400 && page.headers.location && hops < 10; hops++) {
      const { pathname, search } = new URL(page.headers.location, `http://shop${page.path}`);
      page = await this.#send("GET", pathname + search);
    }
    return page;
  }

  #send(method: string, path: string, body?: string, from?: string): Promise<Page> {
    const base = this.#bases[this.#turn++ % this.#bases.length] as URL;
    const send = base.protocol === "https:" ? overHttps : overHttp;
    const headers: Record<string, string> = {
      ...(this.options.host ? { host: this.options.host } : {}),
      cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; "),
      // With https, Django demands this header besides the token.
      ...(from ? { referer: new URL(from, `${base.protocol}//${this.options.host ?? base.host}`).href } : {}),
      ...(body ? { "content-type": "application/x-www-form-urlencoded" } : {}),
    };
    const { localAddress, timeout = 120_000 } = this.options;
    return new Promise((resolve, reject) => {
      const sent = send(
        new URL(path, base),
        { method, headers, agent: false, rejectUnauthorized: false, ...(localAddress ? { localAddress } : {}) },
        async (answer) => {
          try {
            let text = "";
            for await (const part of answer.setEncoding("utf8")) text += part;
            this.#keep(answer.headers["set-cookie"] ?? []);
            this.#servers.push(String(answer.headers["x-backend"]));
            resolve({ path, status: answer.statusCode ?? 0, headers: answer.headers, body: text });
          } catch (cause) {
            reject(cause);
          }
        },
      );
      sent.setTimeout(timeout, () => sent.destroy(new Error(`${method} ${path}: no answer within ${timeout} ms`)));
      sent.on("error", reject);
      sent.end(body);
    });
  }

  #keep(cookies: readonly string[]): void {
    for (const cookie of cookies) {
      const [, name, value] = cookie.match(/^([^=]+)="?([^;"]*)/) ?? [];
      if (!name) continue;
      if (!value || /;\s*max-age=0/i.test(cookie)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
  }
}

/** The order's number on the page that thanks for the order. */
export function orderNumber(page: Page): string | undefined {
  return page.body.match(/id="order-number">(\d+)</)?.[1];
}

/** The messages on a page for the customer, also about mistakes. */
export function alerts(page: Page): string[] {
  const messages = matches(page.body, /class="(?:alertinner|alert|error-block)[^"]*"[^>]*>([\s\S]*?)<\/(?:div|span)>/g);
  return messages
    .map((html) => plain(html.replace(/<a class="close"[\s\S]*?<\/a>|<[^>]*>/g, " ").replace(/\s+/g, " ")).trim())
    .filter(Boolean);
}

function expectPath(page: Page, path: string): void {
  if (page.path !== path || page.status !== 200)
    throw new Error(`expected ${path}, got ${page.status} ${page.path}: ${alerts(page).join("; ")}`);
}

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].flatMap((match) => match[1] ?? []);
}

function plain(html: string): string {
  const named: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#x27": "'", times: "×" };
  return html.replace(/&([#\w]+);/g, (whole, name: string) => named[name] ?? whole);
}
