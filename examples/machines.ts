import type { LabMachineArgs } from "pulumi-lvs/lab";

/** Experiment 1: the director stands between the LAN, which has the VIP, and a network of the real servers alone. */
export const twoArm = {
  director: {
    interfaces: [
      { network: "lan", address: "172.17.111.117/24" },
      { network: "hostonly", address: "192.168.199.145/24" },
    ],
  },
  rs1: { interfaces: [{ network: "hostonly", address: "192.168.199.146/24" }] },
  rs2: { interfaces: [{ network: "hostonly", address: "192.168.199.143/24" }] },
} satisfies Record<string, LabMachineArgs>;

/** Experiment 1 with a second director. The VIP and the real servers' gateway are nobody's own. */
export const twoArmPair = {
  ...twoArm,
  director: {
    interfaces: [
      { network: "lan", address: "172.17.111.117/24" },
      { network: "hostonly", address: "192.168.199.117/24" },
    ],
  },
  director2: {
    interfaces: [
      { network: "lan", address: "172.17.111.118/24" },
      { network: "hostonly", address: "192.168.199.118/24" },
    ],
  },
} satisfies Record<string, LabMachineArgs>;

/** Experiments 2 to 4: all machines are on the LAN, and so are the clients. */
export const oneLan = {
  director: { interfaces: [{ network: "lan", address: "172.17.111.117/24" }] },
  rs1: { interfaces: [{ network: "lan", address: "172.17.111.234/24" }] },
  rs2: { interfaces: [{ network: "lan", address: "172.17.111.222/24" }] },
} satisfies Record<string, LabMachineArgs>;

/** Experiment 6: a second director. */
export const twoDirectors = {
  ...oneLan,
  director2: { interfaces: [{ network: "lan", address: "172.17.111.118/24" }] },
} satisfies Record<string, LabMachineArgs>;

/** Experiment 7: the router stands between the clients' LAN and a network of the directors and the real servers. */
export const behindRouter = {
  router: {
    interfaces: [
      { network: "lan", address: "172.17.111.116/24" },
      { network: "hostonly", address: "192.168.199.145/24" },
    ],
  },
  director: { interfaces: [{ network: "hostonly", address: "192.168.199.117/24" }], gateway: "192.168.199.145" },
  director2: { interfaces: [{ network: "hostonly", address: "192.168.199.118/24" }], gateway: "192.168.199.145" },
  director3: { interfaces: [{ network: "hostonly", address: "192.168.199.119/24" }], gateway: "192.168.199.145" },
  rs1: { interfaces: [{ network: "hostonly", address: "192.168.199.146/24" }], gateway: "192.168.199.145" },
  rs2: { interfaces: [{ network: "hostonly", address: "192.168.199.143/24" }], gateway: "192.168.199.145" },
} satisfies Record<string, LabMachineArgs>;

/** The shop: the same machines, and a host for the database. */
export const shopLan = {
  ...oneLan,
  db: { interfaces: [{ network: "lan", address: "172.17.111.200/24" }] },
} satisfies Record<string, LabMachineArgs>;

/** The shop with a second director. */
export const shopPair = { ...shopLan, ...twoDirectors } satisfies Record<string, LabMachineArgs>;
