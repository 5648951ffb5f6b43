import { type SavedCustomer, ShopClient, type ShopClientOptions } from "./shop-client";

// Where tests that run in the lab's namespace find the shop.

export const vip = process.env.LVS_VIP ?? "172.17.111.111";

/** The real servers' own addresses. */
const realServers = { rs1: "172.17.111.234", rs2: "172.17.111.222" };
export type ServerName = keyof typeof realServers;

/** The namespace's addresses: to a director with persistence, each is a client of its own. */
export const sources = [11, 12, 13, 14].map((last) => `172.17.111.${last}`);

/** A customer whom these servers serve in turn, whatever a director would say. */
export function customerOf(servers: readonly ServerName[], options: ShopClientOptions = {}, saved?: SavedCustomer) {
  const urls = servers.map((name) => `http://${realServers[name]}`);
  return new ShopClient(urls, { host: vip, ...options }, saved);
}

/**
 * A customer of each server, through the director. To one that counts connections, servers differ in what went before: it may give
 * one server to all; then the customer of the other server goes there directly.
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

/** How far a customer's order is. */
export interface CustomerState {
  readonly customer: SavedCustomer;
  /** The servers that answered in this half. */
  readonly servers: readonly string[];
  /** What the shop said, each time it was asked; empty before the second half. */
  readonly orders: readonly string[];
}
