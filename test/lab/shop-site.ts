import { type SavedCustomer, ShopClient, type ShopClientOptions } from "./shop-client";

// The addresses of the shop, for tests that run in the lab's namespace.

export const vip = process.env.LVS_VIP ?? "172.17.111.111";

/** The real servers' own addresses. */
const realServers = { rs1: "172.17.111.234", rs2: "172.17.111.222" };
export type ServerName = keyof typeof realServers;

/** The namespace's addresses. A director with persistence takes each address for one client. */
export const sources = [11, 12, 13, 14].map((last) => `172.17.111.${last}`);

/** A customer whose requests go to these servers in turn, past the director. */
export function customerOf(servers: readonly ServerName[], options: ShopClientOptions = {}, saved?: SavedCustomer) {
  const urls = servers.map((name) => `http://${realServers[name]}`);
  return new ShopClient(urls, { host: vip, ...options }, saved);
}

/**
 * Returns a customer of each server, through the director. A scheduler that counts connections may send all of them to
 * one server, because of earlier connections. The customer of the other server then goes there directly.
 */
export async function customersOfBothServers(): Promise<ShopClient[]> {
  const found: Record<ServerName, ShopClient> = { rs1: customerOf(["rs1"]), rs2: customerOf(["rs2"]) };
  for (const localAddress of sources) {
    const customer = new ShopClient(`http://${vip}`, { localAddress });
    await customer.page("/index.html");
    for (const server of customer.servers) found[server as ServerName] = customer;
  }
  return [found.rs1, found.rs2];
}

/** The state of a customer's order. */
export interface CustomerState {
  readonly customer: SavedCustomer;
  /** The servers that answered in this half. */
  readonly servers: readonly string[];
  /** The order's number, each time that the shop showed it. Empty before the second half. */
  readonly orders: readonly string[];
}
