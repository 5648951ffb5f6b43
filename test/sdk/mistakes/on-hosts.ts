import type { AdviceName } from "../../../provider/model";

/** A mistake that only a host can show. `up` tells it with its first look at the host, before it changes anything. */
export interface HostMistake {
  readonly mistake: string;
  readonly rule: AdviceName;
  /** What the director or the real server shows, beside what is usual. */
  readonly shows?: object;
  /** What is declared there, beside what is usual. */
  readonly declares?: object;
  readonly says: string;
}

/** The director: 10.1.0.1 on eth0, 10.2.0.1 on eth1. The service: NAT to 10.2.0.11, gateway 10.2.0.1. */
export const onDirectors: readonly HostMistake[] = [
  {
    mistake: "a VIP that the director has not",
    rule: "vip-missing",
    declares: { vip: "10.1.0.9" },
    says: "host director: the director has no address 10.1.0.9",
  },
  {
    mistake: "a gateway that is somewhere else",
    rule: "gateway-elsewhere",
    declares: { hints: { gateway: "10.2.0.254" } },
    says: "host director: the director has no address 10.2.0.254, which is the real servers' gateway",
  },
  {
    mistake: "servers of another subnet in direct routing",
    rule: "other-network",
    declares: { forwarding: "dr", destinations: ["10.9.0.11:80"] },
    shows: { routes: { "10.9.0.11": { device: "eth0", via: "10.1.0.254" } } },
    says: "host director: the director reaches 10.9.0.11 by the router 10.1.0.254",
  },
  {
    mistake: "a NAT director that forwards nothing",
    rule: "forwarding-off",
    shows: { settings: { "ipv4/ip_forward": "0" } },
    says: "host director: net.ipv4.ip_forward is 0",
  },
  {
    mistake: "NAT with VIP and real servers on one network",
    rule: "shared-network",
    declares: { vip: "10.2.0.1" },
    says: "host director: the VIP 10.2.0.1 and the real server 10.2.0.11 are both on 10.2.0.1/24",
  },
  {
    mistake: "NAT by one arm, declared with two",
    rule: "redirects",
    declares: { vip: "10.2.0.1" },
    shows: {
      routes: { "10.2.0.11": { device: "eth1" } },
      settings: { "ipv4/ip_forward": "1", "ipv4/conf/all/send_redirects": "1" },
    },
    says: "host director: clients and real servers are both on eth1",
  },
  {
    mistake: "FTP behind a director without its helper",
    rule: "ftp",
    declares: { ports: [{ protocol: "tcp", port: 21 }] },
    says: "host director: port 21 is served",
  },
];
