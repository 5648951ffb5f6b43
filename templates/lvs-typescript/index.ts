import * as pulumi from "@pulumi/pulumi";
import { DrCluster, Host } from "pulumi-lvs";

const config = new pulumi.Config();
const vip = config.require("vip");
const user = config.get("user") ?? "root";

// Keys come from the ssh-agent or from ~/.ssh, as with ssh(1). Host keys have to stand in ~/.ssh/known_hosts.
const host = (name: string, address: string) => new Host(name, { address, user, sudo: user !== "root" });

const director = host("director", config.require("director"));

// Servers of one network that serve HTTP already. WebSite and EcommerceSite of the package bring up what they serve.
const realServers = config
  .require("realServers")
  .split(/[\s,]+/)
  .filter(Boolean)
  .map((address, i) => ({ host: host(`rs${i + 1}`, address), address, weight: 1 }));

new DrCluster("site", { director, vip, realServers });

export const url = `http://${vip}/`;
