import type { Host } from "../namespaces/host";
import { manageServices } from "../namespaces/service-manager";

/** What Debian's package and systemd have of a server: the unit of a cluster, and the unit that reloads all clusters. */
const UNITS = {
  "postgresql@15-main": [
    "Type=forking",
    "PIDFile=/run/postgresql/15-main.pid",
    "ExecStart=/usr/bin/pg_ctlcluster 15 main start",
    // A stop does not wait for clients, as with systemd's KillSignal=SIGINT of Debian's unit.
    "ExecStop=pg_ctlcluster -m fast 15 main stop",
  ],
  postgresql: ["Type=simple", "ExecStart=/bin/sleep infinity", "ExecReload=/usr/bin/pg_ctlcluster 15 main reload"],
};

/** Makes the host one on which PostgreSQL's package was installed, and nothing was configured. */
export async function installPostgresql(host: Host): Promise<void> {
  await manageServices(host);
  await host.run(`set -e
    export LC_ALL=C.UTF-8
    for folder in /etc/postgresql /var/lib/postgresql /var/log/postgresql /run/postgresql; do
      mkdir -p $folder
      mount -t tmpfs -o mode=2775,uid=$(id -u postgres),gid=$(id -g postgres) tmpfs $folder
    done
    pg_createcluster -p 5432 15 main >/dev/null
    mkdir -p /etc/systemd/system`);
  for (const [unit, lines] of Object.entries(UNITS))
    await host.run(`cat >/etc/systemd/system/${unit}.service`, `[Service]\n${lines.join("\n")}\n`);
  await host.run("systemctl start postgresql@15-main; systemctl start postgresql");
}
