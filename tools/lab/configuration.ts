import { join } from "node:path";
import type { DomainType } from "./domain-type.js";
import type { Image } from "./image.js";
import { ensureHostKey, ensureUserKey, type KeyPair } from "./keys.js";
import type { Place } from "./place.js";
import { type Guest, networks, packagesPort, sources } from "./topology.js";

/**
 * What sdk/lab needs to make guests in this lab. The shape is that of `EmbeddedLab` in sdk/lab, which has the
 * explanations.
 */
export interface EmbeddedLab {
  readonly domainType: DomainType;
  readonly image: {
    readonly source: string;
    readonly kernel: string;
    readonly initrd: string;
    readonly cmdline: Record<string, string>;
  };
  readonly pool: string;
  readonly consoles: string;
  readonly seeds: string;
  readonly networks: Record<string, { readonly bridge: string; readonly gateway: string; readonly aptSources: string }>;
  readonly sources: readonly string[];
  readonly userKey: KeyPair;
  readonly hostKeys: Record<string, KeyPair>;
}

export async function embeddedLab(
  lab: Place,
  guests: readonly Guest[],
  image: Image,
  domainType: DomainType,
): Promise<EmbeddedLab> {
  const hostKeys: Record<string, KeyPair> = {};
  for (const { name } of guests) hostKeys[name] = await ensureHostKey(lab, name);
  return {
    domainType,
    image: { source: image.disk, kernel: image.kernel, initrd: image.initrd, cmdline: image.cmdline },
    pool: lab.pool,
    consoles: lab.consoles,
    seeds: join(lab.folder, "keys"),
    networks: Object.fromEntries(
      Object.entries(networks).map(([name, { bridge, address }]) => {
        const gateway = address.split("/")[0] ?? "";
        return [name, { bridge, gateway, aptSources: `deb [trusted=yes] http://${gateway}:${packagesPort} ./` }];
      }),
    ),
    sources,
    userKey: await ensureUserKey(lab),
    hostKeys,
  };
}
