import * as pulumi from "@pulumi/pulumi";
import { type Host, TlsCertificate, WebSite } from "pulumi-lvs";

const names = ["rs1", "rs2"] as const;
type PerServer<T> = Record<(typeof names)[number], T>;

/**
 * The web servers of an experiment, with one certificate for all. They have these addresses and this weight, unless the
 * stack's configuration says otherwise. With `realServers: [rs1]` the other server is not part of the site.
 */
export function webServers(machines: PerServer<Host>, vip: string, addressed: PerServer<string>, weight = 1) {
  const config = new pulumi.Config();
  const addresses: PerServer<string> = { ...addressed, ...config.getObject("addresses") };
  const weights: PerServer<number> = { rs1: weight, rs2: weight, ...config.getObject("weights") };
  const serving = config.getObject<(typeof names)[number][]>("realServers") ?? names;
  const certificate = new TlsCertificate("site", { names: [vip] });
  const realServers = serving.map((name) => ({
    host: machines[name],
    address: addresses[name],
    weight: weights[name],
    serving: new WebSite(name, { host: machines[name], certificate }),
  }));
  return { realServers, addresses, weights: Object.fromEntries(serving.map((name) => [name, weights[name]])) };
}
