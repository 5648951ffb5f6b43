import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "ssh2";
import { client } from "../namespaces/host";
import { type Fleet, ROUTE, SETTINGS, VIP } from "./fleet";
import { timed } from "./measure";

/** A tool that makes the settings. The same command a second time finds nothing to do. */
export interface Peer {
  readonly name: string;
  run(): Promise<number>;
  /** Whether a second run is of interest: a blind script has none. */
  readonly looks: boolean;
}

const settings = Object.entries(SETTINGS);

/** The tools that are there, with their versions. `npm run bench` has installed them. */
export function peers(fleet: Fleet): Peer[] {
  const { folder = "", versions = {} } = JSON.parse(process.env.LVS_BENCH_PEERS ?? "{}");
  const all: Peer[] = [bareScript(fleet), handshakes(fleet)];
  const has = (module: string) => existsSync(join(versions.site ?? "/nowhere", module));
  if (has("pyinfra")) all.unshift(pyinfra(fleet, folder, versions.pyinfra));
  if (has("ansible")) {
    all.push(ansible(fleet, folder, `ansible-core ${versions["ansible-core"]}, tuned`, {}));
    const plugins = versions.mitogen && join(versions.site, "ansible_mitogen", "plugins", "strategy");
    const env = { ANSIBLE_STRATEGY_PLUGINS: plugins, ANSIBLE_STRATEGY: "mitogen_linear" };
    if (plugins) all.push(ansible(fleet, folder, `ansible-core with mitogen ${versions.mitogen}`, env));
  }
  return all;
}

function pyinfra({ hosts, folder, key }: Fleet, tools: string, version: string): Peer {
  const data = `{"ssh_user": "root", "ssh_key": "${key}", "ssh_strict_host_key_checking": "off", "ssh_known_hosts_file": "${join(folder, "known_hosts")}"}`;
  const inventory = join(folder, "inventory.py");
  writeFileSync(inventory, `servers = [\n${hosts.map(({ address }) => `  ("${address}", ${data}),`).join("\n")}\n]\n`);
  const deploy = join(folder, "deploy.py");
  writeFileSync(
    deploy,
    `from pyinfra import host
from pyinfra.facts.server import Command
from pyinfra.operations import server
${settings.map(([k, v]) => `server.sysctl(key="${k}", value=${v}, persist=True, persist_file="/etc/sysctl.d/99-lvs.conf")`).join("\n")}
if "${VIP}" not in (host.get_fact(Command, "ip -4 -o address show dev lo") or ""):
    server.shell(commands=["ip address add ${VIP}/32 dev lo"])
if not host.get_fact(Command, "ip route show ${ROUTE.to}; true"):
    server.shell(commands=["ip route add ${ROUTE.to} via ${ROUTE.via}"])
`,
  );
  const argv = [join(tools, "bin", "python"), "-m", "pyinfra", "-y", inventory, deploy];
  return {
    name: `pyinfra ${version}`,
    looks: true,
    run: async () => (await timed(argv, { HOME: folder }, "", folder)).seconds,
  };
}

function ansible({ hosts, folder, key }: Fleet, tools: string, name: string, env: NodeJS.ProcessEnv): Peer {
  const inventory = join(folder, "inventory.ini");
  const common = `ansible_user=root ansible_ssh_private_key_file=${key} ansible_python_interpreter=/usr/bin/python3`;
  writeFileSync(inventory, `[servers]\n${hosts.map(({ address }) => `${address} ${common}`).join("\n")}\n`);
  const playbook = join(folder, "playbook.yml");
  const task = (test: string, act: string) =>
    `    - shell: '${test} || { ${act} && echo changed; }'\n      register: done\n      changed_when: "'changed' in done.stdout"\n`;
  const tasks = [
    ...settings.map(([k, v]) => task(`[ "$(sysctl -n ${k})" = ${v} ]`, `sysctl -qw ${k}=${v}`)),
    task(`ip -4 -o address show dev lo | grep -qF ${VIP}`, `ip address add ${VIP}/32 dev lo`),
    task(`ip route show ${ROUTE.to} | grep -q .`, `ip route add ${ROUTE.to} via ${ROUTE.via}`),
  ];
  const content = settings.map(([k, v]) => `${k} = ${v}\\n`).join("");
  const file = `    - copy:\n        dest: /etc/sysctl.d/99-lvs.conf\n        content: "${content}"\n`;
  writeFileSync(playbook, `- hosts: servers\n  gather_facts: false\n  tasks:\n${file}${tasks.join("")}`);
  // Nothing is written to the home of whoever measures.
  const home = join(folder, "ansible");
  mkdirSync(home, { recursive: true });
  const tuned = {
    ...{ ANSIBLE_PIPELINING: "1", ANSIBLE_FORKS: "50", ANSIBLE_HOST_KEY_CHECKING: "False", ANSIBLE_HOME: home },
    ...{
      ANSIBLE_SSH_ARGS: "-o ControlMaster=auto -o ControlPersist=60s -o UserKnownHostsFile=/dev/null",
      ANSIBLE_PYTHON_INTERPRETER: "/usr/bin/python3",
    },
    ...env,
  };
  const argv = [join(tools, "bin", "python"), "-m", "ansible", "playbook", "-i", inventory, playbook];
  return { name, looks: true, run: async () => (await timed(argv, { HOME: folder, ...tuned })).seconds };
}

/** A blind script by ssh, to all hosts at once: nothing is looked at, nothing is read back. */
function bareScript({ hosts, key }: Fleet): Peer {
  const script = [
    ...settings.map(([k, v]) => `sysctl -qw ${k}=${v}; echo ${k} = ${v} >>/etc/sysctl.d/99-lvs.conf`),
    `ip address add ${VIP}/32 dev lo; ip route add ${ROUTE.to} via ${ROUTE.via}`,
  ].join("; ");
  const options = ["BatchMode=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"];
  const one = (address: string) =>
    timed(["ssh", "-i", key, ...options.flatMap((option) => ["-o", option]), `root@${address}`, script]);
  const run = async () => {
    const start = performance.now();
    await Promise.all(hosts.map(({ address }) => one(address)));
    return (performance.now() - start) / 1000;
  };
  return { name: "bare OpenSSH script", looks: false, run };
}

/** Connections by ssh2 and two commands each that do the work of none: the floor of what is done over SSH from Node.js. */
function handshakes({ hosts }: Fleet): Peer {
  const exec = (one: Client) =>
    new Promise<void>((resolve, reject) =>
      one.exec("true", (error, channel) => (error ? reject(error) : channel.on("close", resolve).resume())),
    );
  const run = async () => {
    const start = performance.now();
    const visits = hosts.map(async ({ address }) => {
      const one = new Client();
      const ready = new Promise<void>((resolve, reject) => one.on("ready", () => resolve()).on("error", reject));
      one.connect({ host: address, username: "root", privateKey: client.private });
      await ready;
      await exec(one);
      await exec(one);
      one.end();
    });
    await Promise.all(visits);
    return (performance.now() - start) / 1000;
  };
  return { name: "ssh2: handshakes and two commands", looks: false, run };
}
