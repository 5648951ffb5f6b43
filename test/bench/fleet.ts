import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { client, type Host } from "../namespaces/host";
import { declare, Site } from "../namespaces/site";

/** A virtual server's real servers, each a network namespace with an sshd of its own, and a folder for the tools. */
export interface Fleet {
  readonly hosts: readonly Member[];
  readonly folder: string;
  /** The file with the key that every host lets in. */
  readonly key: string;
  /** Takes all settings away by hand, with whatever a tool left. */
  reset(): Promise<void>;
  /** Reads the settings by hand. Returns how many hosts have all of them. */
  ready(): Promise<number>;
  close(): Promise<void>;
}

export interface Member {
  readonly host: Host;
  readonly address: string;
}

export const VIP = "10.90.255.1";
export const ROUTE = { to: "192.0.2.0/24", via: "10.90.0.1" };
export const SETTINGS: Readonly<Record<string, string>> = {
  "net.ipv4.conf.all.arp_ignore": "1",
  "net.ipv4.conf.all.arp_announce": "2",
  "net.ipv4.conf.eth0.arp_ignore": "1",
  "net.ipv4.conf.eth0.arp_announce": "2",
};

const RESET = `
for key in ${Object.keys(SETTINGS).join(" ")}; do sysctl -qw $key=0; done
ip address del ${VIP}/32 dev lo 2>/dev/null; ip route del ${ROUTE.to} 2>/dev/null
rm -rf /var/lib/lvs /etc/lvs /run/lvs /etc/sysctl.d/*lvs* /root/.ansible /tmp/.ansible* /tmp/pyinfra*; :`;

const READ = `
for key in ${Object.keys(SETTINGS).join(" ")}; do sysctl -n $key; done
ip -4 -o address show dev lo to ${VIP} | wc -l; ip route show ${ROUTE.to} | wc -l`;

const WANTED = `${[...Object.values(SETTINGS), 1, 1].join("\n")}\n`;

export async function fleet(size: number): Promise<Fleet> {
  const site = new Site();
  const lan = await site.network(`${ROUTE.via}/16`);
  const hosts: Member[] = [];
  for (let i = 0; i < size; i++) {
    const address = `10.90.${1 + Math.floor(i / 200)}.${1 + (i % 200)}`;
    hosts.push({ address, host: await site.host(`rs${i + 1}`, { eth0: [lan, `${address}/16`] }) });
  }
  const folder = mkdtempSync(join(tmpdir(), "lvs-bench-"));
  const key = join(folder, "key");
  writeFileSync(key, client.private, { mode: 0o600 });
  const onAll = (script: string) => Promise.all(hosts.map(({ host }) => host.run(script)));
  return {
    ...{ hosts, folder, key },
    reset: async () => void (await onAll(RESET)),
    ready: async () => (await onAll(READ)).filter((said) => said === WANTED).length,
    close: () => site.close(),
  };
}

/** Writes the hosts as the program that is measured declares them. Hundreds of them are too long for a variable. */
export function serversFile({ hosts, folder }: Fleet): string {
  const file = join(folder, "servers.json");
  writeFileSync(file, JSON.stringify(hosts.map(({ host, address }) => ({ ...declare(host, address), address }))));
  return file;
}
