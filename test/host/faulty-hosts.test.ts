import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isWell, statusText } from "../../cli/status-text";
import type { DeclaredHost } from "../../provider/host/declared";
import { checkup } from "../../provider/operations/doctor";
import { statusOf } from "../../provider/operations/status";
import { keyPair } from "../key-pair";
import { open, server } from "./open-servers";
import type { SshServer } from "./ssh-server";

// One director is well, and each of the others has a fault of its own: each is named with the cause and the cure, and none keeps
// anything from the others.

jest.mock("../../provider/operations/differences", () => ({ differencesOf: async () => [] }));

const folders: string[] = [];
afterAll(() => folders.map((one) => rmSync(one, { recursive: true })));

/**
 * A server whose scripts find these programs first. The provider's scripts set the PATH by themselves. A command ends here when it
 * ends, as on a host: in a pipe it would end with its input.
 */
function withTools(tools: Readonly<Record<string, string>>): Promise<SshServer> {
  const folder = mkdtempSync(join(tmpdir(), "lvs-tools-"));
  folders.push(folder);
  for (const [name, script] of Object.entries(tools))
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
  const first = `sed -u 's|PATH=/usr/local/sbin|PATH=${folder}:/usr/local/sbin|'`;
  return server({ exec: (command) => spawn("bash", ["--norc", "-c", `exec < <(${first}); ${command}`], { env }) });
}

const TABLE = "-A -t 10.0.0.9:80 -s rr\n-a -t 10.0.0.9:80 -r 10.0.0.11:80 -g -w 1";
const has = (ipvsadm: string) => ({ ipvsadm, sudo: 'echo "sudo: a password is required" >&2; exit 1' });
const SERVES = has(`case $1 in
  -Sn) echo "${TABLE.replaceAll("\n", '"; echo "')}";;
  --version) echo "ipvsadm v1.31 2019/12/24";;
esac`);

async function directors(): Promise<Record<"well" | "silent" | "changed" | "asks" | "bare", DeclaredHost>> {
  const [there, without] = await Promise.all([
    withTools(SERVES),
    withTools(has("echo 'sh: 7: ipvsadm: not found' >&2; exit 127")),
  ]);
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  open.push(silent);
  return {
    well: there.declared({ name: "well" }),
    silent: there.declared({ name: "silent", port: (silent.address() as { port: number }).port, ready: 1 }),
    changed: there.declared({ name: "changed", hostKey: keyPair().public }),
    asks: there.declared({ name: "asks", user: "ada", sudo: true }),
    bare: without.declared({ name: "bare" }),
  };
}

const service = (host: DeclaredHost, port: number) => ({
  ...{ kind: "VirtualService", name: `${host.name}-${port}`, parents: [], state: {} },
  id: `${host.name}/VirtualService/tcp 10.0.0.9:${port}`,
  inputs: { host, address: "10.0.0.9", port, protocol: "tcp" },
});

/** What is said of each that is not reached. */
const REASONS = {
  silent: /^host silent \(127\.0\.0\.1:\d+\): not reachable as root within 1 s.* Is it up, /,
  changed: /^host changed \(127.*: it presented the host key .* Only if it was replaced: declare hostKey: "ssh-/,
  asks: /^host asks \(127.*: user ada does not become root: sudo: a password is required\. Give ada a rule/,
};

test("status shows what can be seen, and names each fault once, with its cure", async () => {
  const resources = Object.values(await directors()).flatMap((host) => [service(host, 80), service(host, 443)]);
  const status = await statusOf(resources);
  for (const [name, reason] of Object.entries(REASONS))
    expect(status.hosts.find(({ host }) => host === name)?.error).toMatch(reason);
  expect(status.hosts.find(({ host }) => host === "well")).toMatchObject({
    services: [{ service: "10.0.0.9:80", destinations: [{ destination: "10.0.0.11:80", weight: 1 }] }],
  });
  expect(status.hosts.find(({ host }) => host === "bare")?.unread).toEqual([
    expect.stringMatching(/^host bare: reading the IPVS table: ipvsadm: not found\. Is ipvsadm installed, /),
  ]);
  expect(isWell(status)).toBe(false);
  const text = statusText(status, new Map());
  expect(text).toMatch(/^well .*\n {2}10\.0\.0\.9:80 {2}rr\n/);
  expect(text).toMatch(/\n5 hosts, 3 not reached; 0 not as declared; 0 destinations out; not readable: bare\n$/);
});

test("doctor names the same faults, and says what there is of the others", async () => {
  const found = await checkup(Object.values(await directors()).map((host) => service(host, 80)));
  for (const [name, reason] of Object.entries(REASONS))
    expect(found.find(({ host }) => host === name)).toMatchObject({ error: expect.stringMatching(reason), advice: [] });
  expect(found.find(({ host }) => host === "well")).toMatchObject({ ipvsadm: "1.31", kernel: expect.any(String) });
  const bare = found.find(({ host }) => host === "bare");
  expect(bare?.ipvsadm).toBeUndefined();
  expect(bare?.advice).toContainEqual(expect.stringMatching(/^it has no ipvsadm: .*install the package ipvsadm$/));
});
