import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import { Host, NatCluster, Postgresql } from "pulumi-lvs";

// A site behind a director with two arms, and the database of its orders on a host of its own, as somebody edits its program.

const connections = JSON.parse(process.env.LVS_HOSTS as string);

function site({ prefix = "", parent }: { prefix?: string; parent?: ComponentResourceOptions["parent"] } = {}) {
  const host = (name: string) => new Host(prefix + name, connections[name]);
  const realServers = ["rs1", "rs2"].map((name, i) => ({ host: host(name), address: `10.2.0.1${i + 1}` }));
  const how = { vip: "10.1.0.1", gateway: "10.2.0.1", clients: "10.1.0.0/24" };
  new NatCluster("nat", { director: host("director"), ...how, realServers }, { parent });
  const db = { host: host("db"), address: "10.77.22.2", clients: ["10.77.22.1"] };
  return new Postgresql("shop", { ...db, deleteData: true }, { parent }).url;
}

class Component extends ComponentResource {
  constructor(name: string) {
    super("test:index:Site", name);
  }
}

const programs: Record<string, () => unknown> = {
  nothing() {},
  site: () => site(),
  "renamed hosts": () => site({ prefix: "other-" }),
  "in a component": () => site({ parent: new Component("shop") }),
};

/** How the application reaches its database. */
export const url = programs[process.env.LVS_PROGRAM as string]?.();
