import { Host, RealServer } from "pulumi-lvs";

// The program that is measured: real servers by direct routing, and nothing else.

const { servers, vip } = JSON.parse(process.env.LVS_HOSTS as string);

if (process.env.LVS_PROGRAM === "fleet")
  for (const { name, address, ...host } of servers)
    new RealServer(name, {
      host: new Host(name, { address, ...host }),
      address,
      forwarding: "dr",
      vip,
      device: "eth0",
    });
