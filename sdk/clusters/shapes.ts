import { z } from "zod";
import { advice, drain, flag, given, host, persistence, resources, type Shape, text } from "../arguments/shape";
import { health } from "../ldirectord/shapes";
import type { ArpSettingsArgs } from "./arp-settings";
import type { DirectorArgs, DirectorVipArgs, OutgoingArgs } from "./director";
import type { DrClusterArgs, DrClusterServerArgs } from "./dr-cluster";
import type { NatClusterArgs, NatClusterServerArgs } from "./nat-cluster";
import type { DrRealServerArgs, NatRealServerArgs } from "./real-server";

// The shapes of the arguments of clusters. Addresses, ports and weights have rules of their own: the topologies.

const rpFilter = z.literal([0, 1, 2]).optional();
const list = z.union([given, z.array(given)]).optional();

export const arpSettings = z.object({ host, device: text, rpFilter } satisfies Shape<ArpSettingsArgs>);

const outgoing = z.object({ source: text, outInterface: text.optional() } satisfies Shape<OutgoingArgs>);

const directorVip = z.object({
  ...{ address: given, device: text, after: z.array(resources).optional() },
} satisfies Shape<DirectorVipArgs>);

export const director = z.object({
  host,
  forwarding: z.enum(["nat", "dr", "tun"]),
  family: given.optional(),
  oneArm: text.optional(),
  vip: directorVip.optional(),
  marks: flag.optional(),
  masquerade: z.array(outgoing).optional(),
} satisfies Shape<DirectorArgs>);

const ports = z.array(given).optional();

const natServer = {
  ...{ host, address: given, forwarding: z.literal("nat"), gateway: given, oneArm: text.optional(), ports },
};
const drServer = { host, address: given, vip: given, device: text, rpFilter, ports };

export const realServer = z.discriminatedUnion("forwarding", [
  z.object(natServer satisfies Shape<NatRealServerArgs>),
  z.object({ ...drServer, forwarding: z.literal("dr") } satisfies Shape<DrRealServerArgs>),
  z.object({ ...drServer, forwarding: z.literal("tun") }),
]);

const site = {
  director: host,
  vip: given,
  ports: list,
  scheduler: given.optional(),
  persistence: persistence.optional(),
  drain: drain.optional(),
  health: health.optional(),
  advice: advice.optional(),
};

const server = { host, address: given, weight: given.optional(), serving: resources.optional() };

const drClusterServer = { ...server, device: text.optional(), rpFilter } satisfies Shape<DrClusterServerArgs>;

/** A port has a rule of its own, which says why there is none. */
export const drCluster = z.object({
  ...site,
  device: text.optional(),
  forwarding: z.enum(["dr", "tun"]).optional(),
  mark: given.optional(),
  realServers: z.array(z.object({ ...drClusterServer, port: given.optional() })),
} satisfies Shape<DrClusterArgs>);

export const natCluster = z
  .object({
    ...site,
    gateway: given,
    clients: list,
    realServers: z.array(
      z.object({ ...server, port: given.optional(), device: text.optional() } satisfies Shape<NatClusterServerArgs>),
    ),
    masquerade: z.union([flag, outgoing]).optional(),
    arms: z.enum(["one", "two"]).optional(),
    interface: text.optional(),
  } satisfies Shape<NatClusterArgs>)
  .superRefine(({ arms, interface: one }, context) => {
    const problem = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
    if (arms === "one" && one === undefined)
      problem("interface", 'is missing: with arms: "one" it carries all traffic');
    if (arms !== "one" && one !== undefined) problem("interface", 'is for arms: "one": say so, or leave it out');
  });

/** What the services of a cluster are made from, once every value is known. */
export const knownSite = z.object({
  vip: text,
  realServers: z.array(z.object({ address: text, port: z.number().optional(), weight: z.number().optional() })),
});
