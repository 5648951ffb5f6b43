import type { KeepalivedVirtuals } from "../../sdk/keepalived/checks-config";

/** Every option of checks by keepalived. */
export const whole: KeepalivedVirtuals = {
  "99/ipv6": {
    real: {
      "[fd00::11]:0": { forwarding: "tun", weight: 0, upperThreshold: 100, lowerThreshold: 50 },
      "[fd00::12]:0": { forwarding: "dr" },
    },
    ...{ scheduler: "mh", schedulerFlags: ["mh-port", "mh-fallback"], persistence: { timeout: 60, mask: "64" } },
    ...{
      interval: 2,
      inhibitOnFailure: true,
      quorum: 1,
      hysteresis: 0,
      quorumUp: ["/bin/true", "up"],
      quorumDown: ["/bin/true"],
    },
    sorryServer: { address: "fd00::99", forwarding: "tun" },
    check: {
      type: "https",
      port: 443,
      path: "/ok.html?a=b",
      status: 204,
      virtualHost: "shop.example.org",
      timeout: 3,
      retries: 0,
    },
  },
  "10.1.0.9:53/udp": {
    real: { "10.2.0.11:53": { forwarding: "nat" } },
    ...{ onePacket: true, check: { type: "misc", command: ["/bin/true", "%address", "%port"], timeout: 2 } },
  },
};
