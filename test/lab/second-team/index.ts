import * as pulumi from "@pulumi/pulumi";
import { Host, Sysctl, VirtualService } from "pulumi-lvs";

const config = new pulumi.Config();

const director = new Host("balancer", { address: config.require("director") });

const forwarding = new Sysctl("forwarding", { host: director, key: "net.ipv4.ip_forward", value: 1 });

new VirtualService(
  "service",
  {
    host: director,
    address: config.require("director"),
    port: config.requireNumber("port"),
    scheduler: "rr",
    forwarding: "nat",
    destinations: { "192.168.199.146:80": {} },
  },
  { dependsOn: forwarding },
);
