import { isNeeded } from "pulumi-lvs-provider/model";
import { z } from "zod";
import {
  address,
  advice,
  device,
  drain,
  flag,
  given,
  givenAddress,
  host,
  now,
  persistence,
  resources,
  type Shape,
  text,
  whyNoData,
} from "../arguments/shape";
import { neighbour } from "../bird/shapes";
import { checking } from "../keepalived/checks-shapes";
import { ldirectordHealth } from "../ldirectord/shapes";
import type { EcmpFailoverArgs, NatFailoverArgs, VrrpFailoverArgs } from "./director-args";
import type { DrClusterArgs, DrClusterServerArgs } from "./dr-args";
import type { NatClusterArgs, NatClusterServerArgs } from "./nat-args";
import type {
  ArpSettingsArgs,
  DirectorArgs,
  DirectorVipArgs,
  DrRealServerArgs,
  NatRealServerArgs,
  OutgoingArgs,
} from "./parts-args";

// The shapes of the arguments of clusters. Addresses, ports and weights have rules of their own: the topologies.

const rpFilter = now(z.literal([0, 1, 2])).optional();
const plainDevice = now(device);
const arpOn = now(z.array(device)).optional();
const ports = now(
  z.union([z.array(now(given)), given], {
    error: ({ input }) => whyNoData(input) ?? isNeeded(input, "a port, or a list of ports,"),
  }),
).optional();
/** What a real server serves on is for advice alone, and may come later. */
const served = z.array(given).optional();
const clients = now(z.union([text, z.array(text)], { error: "give a network, or a list of networks" })).optional();

export const arpSettings = z.object({ host, device: plainDevice, rpFilter, arpOn } satisfies Shape<ArpSettingsArgs>);

const outgoing = z.object({ source: text, outInterface: device.optional() } satisfies Shape<OutgoingArgs>);

const directorVip = z.object({
  ...{ address, device: plainDevice, after: now(z.array(resources)).optional() },
} satisfies Shape<DirectorVipArgs>);

export const director = z.object({
  host,
  forwarding: now(z.enum(["nat", "dr", "tun"])),
  family: z.enum(["ipv4", "ipv6"]).optional(),
  oneArm: plainDevice.optional(),
  vip: now(directorVip).optional(),
  marks: now(flag).optional(),
  masquerade: now(z.array(outgoing)).optional(),
} satisfies Shape<DirectorArgs>);

const natServer = {
  ...{ host, address, forwarding: z.literal("nat"), gateway: address, oneArm: plainDevice.optional(), ports: served },
};
const drServer = { host, address, vip: address, device: plainDevice, rpFilter, arpOn, ports: served };

export const realServer = now(
  z.discriminatedUnion(
    "forwarding",
    [
      z.object(natServer satisfies Shape<NatRealServerArgs>),
      z.object({ ...drServer, forwarding: z.literal("dr") } satisfies Shape<DrRealServerArgs>),
      z.object({ ...drServer, forwarding: z.literal("tun") }),
    ],
    { error: 'is none of "nat", "dr", "tun": choose one' },
  ),
);

const vrrp = {
  by: z.literal("vrrp"),
  addresses: now(z.array(given)),
  routerId: now(z.number()).optional(),
  advertInterval: now(z.number()).optional(),
  preferred: host.optional(),
  preferredDelay: now(z.number()).optional(),
  reach: now(z.array(now(z.array(given)))).optional(),
  sync: now(flag).optional(),
  syncId: now(z.number()).optional(),
  main: now(flag).optional(),
} satisfies Shape<VrrpFailoverArgs>;

const ecmp = {
  by: z.literal("ecmp"),
  asn: now(z.number()),
  neighbours: now(z.array(neighbour)),
  routerIds: now(z.array(text)).optional(),
  main: now(flag).optional(),
} satisfies Shape<EcmpFailoverArgs>;

const natVrrp = {
  ...vrrp,
  by: z.literal("vrrp", {
    error:
      'is "vrrp" with NAT: answers pass the director that has the connection, and no router brings them back there. Say so, or declare a DrCluster',
  }),
  outside: plainDevice.optional(),
  inside: plainDevice.optional(),
} satisfies Shape<NatFailoverArgs>;

/** Who takes destinations out of the table. */
const health = z.discriminatedUnion(
  "by",
  [z.object({ by: z.literal("static") }), ldirectordHealth, z.object({ by: z.literal("keepalived"), ...checking })],
  { error: 'give { by: "static" }, or { by: "ldirectord" } or { by: "keepalived" } with their options' },
);

/** Who directs. `failoverProblems` has the rules. */
const directing = { director: host.optional(), directors: now(z.array(host)).optional() };

const site = {
  vip: givenAddress,
  ports,
  scheduler: given.optional(),
  persistence: persistence.optional(),
  drain: drain.optional(),
  health: now(health).optional(),
  advice: now(advice).optional(),
};

const server = { host, address: givenAddress, weight: given.optional(), serving: now(resources).optional() };

const drClusterServer = {
  ...server,
  device: plainDevice.optional(),
  rpFilter,
  arpOn,
} satisfies Shape<DrClusterServerArgs>;

function howToFailOver({ input }: { readonly input?: unknown }): string {
  const isObject = typeof input === "object" && input !== null;
  return `is none of "vrrp", "ecmp"${isObject ? ": choose one" : ': write { by: "vrrp", addresses: […] }, or { by: "ecmp", … }'}`;
}

/** A port has a rule of its own, which says why there is none. */
export const drCluster = z.object({
  ...{ ...directing, ...site },
  failover: now(z.discriminatedUnion("by", [z.object(vrrp), z.object(ecmp)], { error: howToFailOver })).optional(),
  device: plainDevice.optional(),
  forwarding: now(z.enum(["dr", "tun"])).optional(),
  mark: now(given).optional(),
  realServers: now(z.array(z.object({ ...drClusterServer, port: given.optional() }))),
} satisfies Shape<DrClusterArgs>);

export const natCluster = z
  .object({
    ...{ ...directing, ...site },
    failover: now(z.object(natVrrp)).optional(),
    gateway: givenAddress,
    clients,
    realServers: now(
      z.array(
        z.object({
          ...{ ...server, port: given.optional(), device: plainDevice.optional() },
        } satisfies Shape<NatClusterServerArgs>),
      ),
    ),
    masquerade: now(
      z.union([flag, outgoing], { error: "give true, or the traffic as { source, outInterface }" }),
    ).optional(),
    arms: now(z.enum(["one", "two"])).optional(),
    interface: plainDevice.optional(),
  } satisfies Shape<NatClusterArgs>)
  .superRefine(({ arms, interface: one }, context) => {
    const problem = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
    if (arms === "one" && one === undefined)
      problem("interface", 'is missing: with arms: "one" it carries all traffic. Give its name, like "eth0"');
    if (arms !== "one" && one !== undefined) problem("interface", 'is for arms: "one": say so, or leave it out');
  });

/** What the services of a cluster are made from, once every value is known. */
export const knownSite = z.object({
  vip: text,
  realServers: z.array(z.object({ address: text, port: z.number().optional(), weight: z.number().optional() })),
});
