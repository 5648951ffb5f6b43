import { setTimeout as sleep } from "node:timers/promises";
import { Host } from "pulumi-lvs";
import type { KernelHost } from "./kernel";

/** A director and two real servers on one network. */
export const ONE_LAN = {
  director: { eth0: ["lan", "10.0.0.2/24"] },
  rs1: { eth0: ["lan", "10.0.0.11/24"] },
  rs2: { eth0: ["lan", "10.0.0.12/24"] },
} as const;

/** Declares a host of the tests as a program does. */
export function declared(host: KernelHost): Host {
  return new Host(host.name, host.connection);
}

/**
 * Makes a host a web server on these ports, for IPv4 and IPv6. The server answers with the host's name. `/slow` is a
 * file for slow downloads.
 */
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

/**
 * Returns the answers to requests that a client makes one after the other, each on a connection of its own. "-" means
 * no answer.
 *
 * @param patience seconds for each answer
 */
export async function ask(client: KernelHost, url: string, requests = 4, patience = 4): Promise<string[]> {
  // One curl makes all requests, because a process takes longer to start than a request.
  const urls = `'${url}' `.repeat(requests);
  const answers = await client.run(
    `curl -gs --max-time ${patience} -H 'Connection: close' -w '%{onerror}-\\n' ${urls} || :`,
  );
  return answers.trim().split("\n");
}

/** Expects that two servers answer eight requests in turn. */
export async function alternate(client: KernelHost, url: string): Promise<void> {
  // On a busy machine a whole kernel may stand still for seconds.
  const answers = await ask(client, url, 8, 20);
  expect(answers.slice(0, 2).sort()).toEqual(["rs1", "rs2"]);
  expect(answers.slice(2)).toEqual([...answers, ...answers].slice(0, 6));
}

/** Makes a host answer with its name by other protocols than HTTP: "udp:53". Returns what ends that without a trace. */
export async function answer(host: KernelHost, address: string, ...at: string[]): Promise<() => Promise<unknown>> {
  await host.run(`
    perl /run/scripts/answer ${host.name} ${address} ${at.join(" ")} >/run/answer 2>&1 </dev/null &
    echo $! >/run/answer.pid
    for i in $(seq 200); do grep -qs ready /run/answer && exit; sleep 0.1; done; cat /run/answer; exit 1`);
  return () => host.run("kill $(cat /run/answer.pid); rm /run/answer /run/answer.pid");
}

/** Returns the server that answered each request, in order (`guest/talk`). */
export async function talked(client: KernelHost, requests: readonly string[]): Promise<string[]> {
  const answers = await client.run("perl /run/scripts/talk", requests.map((one) => `${one}\n`).join(""));
  return answers.trim().split("\n");
}

/** The kernel's IPVS table, as `ipvsadm -Sn` prints it, sorted. */
export async function table(director: KernelHost): Promise<string[]> {
  return (await director.run("ipvsadm -Sn")).trim().split("\n").sort();
}

/** Waits until the output of the script on a host matches, and returns the output. */
export async function until(host: KernelHost, script: string, fits: RegExp, tries = 100): Promise<string> {
  for (let said = ""; ; tries--) {
    said = await host.run(script);
    if (fits.test(said)) return said;
    if (tries === 0) throw new Error(`${host.name} never said ${fits} to ${script}, but:\n${said}`);
    await sleep(300);
  }
}
