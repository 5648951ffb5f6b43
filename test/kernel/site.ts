import { Host } from "pulumi-lvs";
import type { KernelHost } from "./kernel";

/** A director and two real servers on one network. */
export const ONE_LAN = {
  director: { eth0: ["lan", "10.0.0.2/24"] },
  rs1: { eth0: ["lan", "10.0.0.11/24"] },
  rs2: { eth0: ["lan", "10.0.0.12/24"] },
} as const;

/** A host of the tests as a program declares it. */
export function declared(host: KernelHost): Host {
  return new Host(host.name, host.connection);
}

/** Makes a host a web server that names itself, on these ports of both families; `/slow` is a file that can be asked for slowly. */
export async function serve(host: KernelHost, ports: readonly number[] = [80]): Promise<void> {
  const listen = ports.map((port) => `listen ${port}; listen [::]:${port};`).join(" ");
  const page = `add_header X-Backend ${host.name}; location = /slow { root /run/web; } location / { return 200 "${host.name}\\n"; }`;
  await host.run(
    `mkdir -p /run/web /var/log/nginx /var/lib/nginx; head -c 9000000 /dev/zero >/run/web/slow
     cat >/run/web/conf; nginx -c /run/web/conf`,
    `user root; pid /run/web/pid; error_log /run/web/log; worker_processes 1;
     events {} http { access_log off; lingering_close always; send_timeout 10m; server { ${listen} ${page} } }\n`,
  );
}

/** What a client is answered, one request after the other, each by a connection of its own; "-" where nobody answers. */
export async function ask(client: KernelHost, url: string, requests = 4): Promise<string[]> {
  // One process for all: its start takes longer than a request.
  const urls = `'${url}' `.repeat(requests);
  const answers = await client.run(`curl -gs --max-time 4 -H 'Connection: close' -w '%{onerror}-\\n' ${urls} || :`);
  return answers.trim().split("\n");
}

/** Eight requests are answered by two servers in turn. */
export async function alternate(client: KernelHost, url: string): Promise<void> {
  const answers = await ask(client, url, 8);
  expect(answers.slice(0, 2).sort()).toEqual(["rs1", "rs2"]);
  expect(answers.slice(2)).toEqual([...answers, ...answers].slice(0, 6));
}

/** The kernel's IPVS table, as `ipvsadm -Sn` prints it, sorted. */
export async function table(director: KernelHost): Promise<string[]> {
  return (await director.run("ipvsadm -Sn")).trim().split("\n").sort();
}

/** Waits until what a host says fits, and returns it. */
export async function until(host: KernelHost, script: string, fits: RegExp, tries = 100): Promise<string> {
  for (let said = ""; ; tries--) {
    said = await host.run(script);
    if (fits.test(said)) return said;
    if (tries === 0) throw new Error(`${host.name} never said ${fits} to ${script}, but:\n${said}`);
    await host.run("sleep 0.3");
  }
}
