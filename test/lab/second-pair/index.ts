import { DrCluster, Host } from "pulumi-lvs";

const on = (name: string, address: string) => ({ host: new Host(name, { address }), address });

const directors = [on("left", "172.17.111.117"), on("right", "172.17.111.118")];

new DrCluster("theirs", {
  directors: directors.map(({ host }) => host),
  failover: { by: "vrrp", addresses: directors.map(({ address }) => address), routerId: 77 },
  ...{ vip: "172.17.111.110", device: "eth0", scheduler: "rr" },
  realServers: [on("web1", "172.17.111.234"), on("web2", "172.17.111.222")],
});
