import type { Host } from "../namespaces/host";
import { declare, Site } from "../namespaces/site";
import { SETTLED, snapshot } from "../namespaces/snapshot";
import { Project } from "./project";
import { missingDuring } from "./watch";

/** The resources of the program "site" (program.ts). */
export const ALL = ["File motd", "PostgresqlDatabase data", "PostgresqlRole owner", "Sysctl forward", "VipAlias vip"];

/**
 * A host that has a file, a setting, an address and a database with an order in it, once the program "site" is up, and the
 * project of that program.
 */
export class Server {
  private constructor(
    private readonly lans: Site,
    readonly host: Host,
    readonly project: Project,
    /** The host without the site. */
    readonly found: string,
  ) {}

  /** The host with the site. */
  up = "";

  static async bare(): Promise<Server> {
    const lans = new Site();
    const lan = await lans.network("10.77.20.1/24");
    const host = await lans.host("server", { eth0: [lan, "10.77.20.2/24"] });
    await host.run(`set -e
    export LC_ALL=C.UTF-8
    # What the database's server writes is no part of what is compared.
    for folder in /etc/postgresql /var/lib/postgresql /var/log/postgresql /run/postgresql; do
      mkdir -p $folder
      mount -t tmpfs -o mode=2775,uid=$(id -u postgres),gid=$(id -g postgres) tmpfs $folder
    done
    version=$(ls /usr/lib/postgresql | sort -V | tail -1)
    pg_createcluster -p 5432 $version site >/dev/null
    pg_ctlcluster $version site start
    echo found >/etc/motd`);
    const { name: _, ...server } = declare(host, "10.77.20.2");
    const project = new Project({ server });
    await project.must("nothing", "stack", "init");
    return new Server(lans, host, project, await seen(host));
  }

  end(): Promise<void> {
    this.project.remove();
    return this.lans.close();
  }

  /** Brings the site up for the first time. */
  async bringUp(): Promise<string[]> {
    const done = await this.project.up("site");
    await this.sql("CREATE TABLE orders (name text); INSERT INTO orders VALUES ('enamel mug')");
    await this.host.run(SETTLED);
    this.up = await this.seen();
    expect(this.up).not.toBe(this.found);
    await this.isUp("site");
    return done;
  }

  sql(text: string): Promise<string> {
    return this.host.run(`cd /; runuser -u postgres -- psql -X -q -A -t -d shop`, text);
  }

  seen(): Promise<string> {
    return seen(this.host);
  }

  /** Expects that the site is up as before, that nothing is left to do, and that nothing differs. */
  async isUp(program: string): Promise<void> {
    await this.project.must(program, "up", "--refresh", "--yes", "--skip-preview", "--expect-no-changes");
    expect(await this.seen()).toBe(this.up);
    expect(await this.sql("SELECT name FROM orders")).toBe("enamel mug\n");
  }

  /** Does the work, and returns what the host was without at any time meanwhile. */
  missingDuring(work: () => Promise<unknown>): Promise<string[]> {
    return missingDuring(this.host, work);
  }
}

/** The host, but for what the product notes there, and for what the database's server writes. */
async function seen(host: Host): Promise<string> {
  const lines = (await snapshot(host)).split("\n");
  const own = (line = "") => /^var .*\/lib\/lvs/.test(line);
  const isDigest = (line: string) => /^[0-9a-f]{64} /.test(line);
  return lines
    .filter((line, i) => !own(line) && !(isDigest(line) && own(lines[i - 1])) && !line.includes("postgresql"))
    .join("\n");
}
