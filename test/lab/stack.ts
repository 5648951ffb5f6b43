import { spawn, spawnSync } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { poll } from "../../provider/host/poll";
import { type Answer, answersOf, type Load, loadScript, pageLoad } from "./load";
import type { CustomerState } from "./shop-site";

/** The checkout. */
export const root = join(__dirname, "..", "..");

export interface Ran {
  readonly exit: number;
  /** Standard output. */
  readonly output: string;
  /** Standard output and standard error, as they came. */
  readonly text: string;
}

/** The command line of one of the project's commands: `npm run <words>`. */
function project(words: string[]): string[] {
  return [process.execPath, join(root, "tools", "bootstrap.mjs"), ...words];
}

/** Minutes in which a command ends. A test says then what the command printed, before its own limit says less. */
const PATIENCE = 12;

/** What is told of a command that does not end: what it printed, what runs, and the exit status that `timeout` gives. */
function endless(output: string, text: string): Ran {
  const running = spawnSync("ps", ["-eo", "pid,ppid,etimes,stat,wchan:20,args", "--forest"], { encoding: "utf8" });
  return { exit: 124, output, text: `${text}\nnot ended after ${PATIENCE} min, while there ran:\n${running.stdout}` };
}

function execute(argv: string[], environment: Record<string, string> = {}): Promise<Ran> {
  return new Promise((done, failed) => {
    const [command, ...args] = argv as [string, ...string[]];
    const env = { ...process.env, ...environment };
    const child = spawn(command, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
    let [output, text] = ["", ""];
    child.stdout.on("data", (some: Buffer) => (output += some.toString()));
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (some: Buffer) => (text += some.toString()));
    // Its own children may go on and keep its pipes: they end with the run of all tests (tools/test/own-folder.ts).
    const giveUp = setTimeout(() => {
      child.kill("SIGTERM");
      done(endless(output, text));
    }, PATIENCE * 60_000);
    child.on("error", failed);
    child.on("close", (code) => {
      clearTimeout(giveUp);
      done({ exit: code ?? 1, output, text });
    });
  });
}

/** Runs one of the project's commands. */
export function run(words: string[], environment?: Record<string, string>): Promise<Ran> {
  return execute(project(words), environment);
}

/** Runs one of the project's commands. Any exit status but 0 ends the test with the output. */
export async function must(words: string[], environment?: Record<string, string>): Promise<string> {
  return succeeded(words, await run(words, environment)).text;
}

function succeeded(words: string[], ran: Ran): Ran {
  if (ran.exit !== 0) throw new Error(`${words.join(" ")}: exit ${ran.exit}\n${ran.text}`);
  return ran;
}

/** The stacks whose labs the run of all tests takes down where Ctrl-C ends it. */
const ENDED = process.env.LVS_LAB_STACKS?.split(" ");

/** A stack of the lab, with requests to its site. A user's own stack of the same experiment has another name. */
export class LabStack {
  /** @param debian the release of the machines' Debian */
  constructor(
    readonly name: string,
    readonly vip: string,
    private readonly debian: 12 | 13,
  ) {
    if (ENDED && !ENDED.includes(name)) throw new Error(`tools/test/parts.ts does not name the stack ${name}`);
  }

  /** Takes the lab down, and removes what an earlier run configured. */
  async clear(): Promise<void> {
    await must(["lab", "down", this.name]);
    await rm(join(root, ".lab", this.name), { recursive: true, force: true });
  }

  /**
   * Makes bare machines, with nothing of an earlier run. The first time the machines boot and are saved. Afterwards
   * they are restored from the save, as long as the save fits.
   *
   * @param machines which machines, by the name of their set in examples/machines.ts
   */
  async bare(machines: string): Promise<void> {
    await this.clear();
    const save = `${this.name}-bare`;
    const saves = (await must(["lab", "saves"])).split("\n");
    if (saves.some((line) => line.startsWith(`${save}: `) && line.endsWith(": fits"))) {
      await must(["lab", "restore", this.name, save]);
      return;
    }
    await must(["lab", "up", this.name, "--debian", String(this.debian)]);
    await this.configure("machines", machines);
    await must(["start", "bare", "--stack", this.name]);
    await must(["lab", "save", this.name, save]);
  }

  pulumi(...words: string[]): Promise<string> {
    return must(["pulumi", ...words, "-s", this.name, "--color", "never"]);
  }

  up(...words: string[]): Promise<string> {
    return this.pulumi("up", "--yes", "--skip-preview", ...words);
  }

  configure(key: string, value: string): Promise<string> {
    return this.pulumi("config", "set", "--path", `pulumi-lvs:${key}`, value);
  }

  /** Runs a script on a guest, by the lab's ssh_config. `lab ssh` would take longer. */
  async on(vm: string, script: string): Promise<string> {
    return succeeded([vm, script], await this.#ssh([vm, script])).output;
  }

  async #ssh(words: string[]): Promise<Ran> {
    const { namespace, sshConfig } = await this.#lab();
    return execute(["ip", "netns", "exec", namespace, "ssh", "-F", sshConfig, ...words]);
  }

  /** The description that the lab wrote of itself. */
  async #lab(): Promise<{ namespace: string; sshConfig: string; clients: string[]; libvirtUri: string }> {
    return JSON.parse(await readFile(join(root, ".lab", this.name, "lab.json"), "utf8"));
  }

  /** Waits until libvirt reports that a guest is off. */
  async isOff(vm: string): Promise<void> {
    const status = async () => {
      const lines = (await must(["lab", "status"])).split("\n");
      return lines.find((line) => line.startsWith(`${this.name}:`)) ?? "";
    };
    const isOff = (own: string) => own.includes(`${vm} shut off`);
    const own = await poll(status, isOff, { within: 60, every: 1 });
    if (!isOff(own)) throw new Error(`${vm} is still on: ${own}`);
  }

  /** Takes a guest's power away at once. */
  async powerOff(vm: string): Promise<void> {
    const { libvirtUri } = await this.#lab();
    const argv = ["virsh", "--connect", libvirtUri, "destroy", `${this.name}-${vm}`];
    succeeded(argv, await execute(argv));
  }

  /** Starts a guest that was powered off. Waits until it answers by SSH. */
  async powerOn(vm: string): Promise<void> {
    await must(["lab", "up", this.name]);
    const ask = () => this.#ssh(["-o", "ControlPath=none", "-o", "ConnectTimeout=10", vm, "true"]);
    const last = await poll(ask, ({ exit }) => exit === 0, { within: 5 * 60, every: 5 });
    succeeded([vm, "true"], last);
  }

  /** Reboots these guests at the same time. Waits until each answers by SSH again, with another boot id. */
  async reboot(vms: readonly string[]): Promise<void> {
    // Each attempt needs a new connection. A connection from before the reboot is dead.
    const options = ["ControlPath=none", "ConnectTimeout=10"].flatMap((option) => ["-o", option]);
    const boot = (vm: string) => this.#ssh([...options, vm, "cat /proc/sys/kernel/random/boot_id"]);
    const again = vms.map(async (vm) => {
      const { output: before } = await boot(vm);
      await this.#ssh([vm, "systemctl reboot"]);
      await this.#ssh(["-O", "exit", vm]);
      // Each attempt costs time of the machine that emulates the booting guests, so the attempts are five seconds
      // apart.
      const isBack = ({ exit, output }: Ran) => exit === 0 && output !== before;
      const last = await poll(() => boot(vm), isBack, { within: 5 * 60, every: 5 });
      if (!isBack(last)) throw new Error(`${vm} does not come back from its reboot: ${last.text}`);
    });
    await Promise.all(again);
  }

  /**
   * Restarts the network manager of these guests. Waits until it has configured them: it gives an interface up that goes down
   * meanwhile.
   */
  async restartNetwork(vms: readonly string[]): Promise<void> {
    const configured = "/usr/lib/systemd/systemd-networkd-wait-online --interface=eth0";
    await Promise.all(vms.map((vm) => this.on(vm, `systemctl restart systemd-networkd && ${configured}`)));
  }

  /** Runs a script in the lab's namespace, or on one of the lab's client hosts. */
  async inLab(script: string, client?: number, environment?: Record<string, string>): Promise<string> {
    const { namespace, clients } = await this.#lab();
    const where = client ? clients[client - 1] : namespace;
    if (!where) throw new Error(`the lab has no client ${client}`);
    const argv = ["ip", "netns", "exec", where, "sh", "-c", script];
    return succeeded([script], await execute(argv, environment)).text;
  }

  /**
   * Runs a test file of the project "inside" in the lab's namespace, where the test reaches the guests itself.
   *
   * @param file the file's name without `.inside.ts`
   * @param client the number of the client host where the test runs instead
   */
  inside(file: string, environment: Record<string, string> = {}, client?: number): Promise<string> {
    const lab = join(root, ".lab");
    // The screenshots are not in the stack's folder, which is removed with the lab.
    const known = { LVS_LAB_KEYS: join(lab, this.name, "keys"), LVS_SCREENSHOTS: join(lab, "screenshots", this.name) };
    const script = `cd '${root}' && node node_modules/jest/bin/jest.js --selectProjects inside -- test/lab/${file}.inside.ts 2>&1`;
    return this.inLab(script, client, { LVS_VIP: this.vip, ...known, ...environment });
  }

  /** The director's table as `ipvsadm -Sn` prints it, sorted. */
  async table(): Promise<string[]> {
    return (await this.on("director", "ipvsadm -Sn")).trim().split("\n").sort();
  }

  /**
   * Waits until the table has these lines. The limit covers a check interval, the time of a check, and the slowness of
   * emulated machines.
   */
  async tableBecomes(lines: string[]): Promise<void> {
    const isSo = (table: string[]) => JSON.stringify(table) === JSON.stringify(lines);
    expect(await poll(() => this.table(), isSo, { within: 60, every: 0.5 })).toEqual(lines);
  }

  /** The server that answered each request, in order. "-" means that there was no answer. */
  async backends(requests: number, client = 1, scheme = "http"): Promise<string[]> {
    const script = `for i in $(seq ${requests}); do
      curl -sk -o /dev/null -D - --max-time 10 ${scheme}://${this.vip}/index.html | tr -d '\\r' |
        sed -n 's/^[Xx]-[Bb]ackend: //p' | grep . || echo -; done`;
    return (await this.inLab(script, client)).trim().split("\n");
  }

  /** Expects that both servers answer eight requests in turn. */
  async answersAlternate(): Promise<void> {
    const answers = await this.backends(8);
    expect(answers.slice(0, 2).sort()).toEqual(["rs1", "rs2"]);
    for (const [i, server] of answers.entries()) expect(server).toBe(answers[i % 2]);
  }

  /** Does one half of a customer's order, in a process of its own. "finish" goes on with the order of "begin". */
  async customer(half: "begin" | "finish"): Promise<CustomerState> {
    const file = join(root, ".lab", this.name, "customer.json");
    await this.inside("customer", { LVS_CUSTOMER: file, LVS_CUSTOMER_HALF: half });
    return JSON.parse(await readFile(file, "utf8"));
  }

  /**
   * Sends requests from one client as long as `work` goes on. Returns the status codes of the answers. "000" and the
   * reason stand for no answer.
   */
  async underLoad(work: () => Promise<unknown>): Promise<string[]> {
    const answers = await this.answersUnder(pageLoad, work);
    return answers.map(({ status, problem }) => `${status} ${problem}`.trim());
  }

  /** Returns the answers to clients that send requests as long as `work` goes on. */
  async answersUnder(load: Load, work: () => Promise<unknown>): Promise<Answer[]> {
    const stop = `/tmp/lvs-load-${process.pid}-${Date.now()}`;
    const answers = this.inLab(loadScript(this.vip, load, stop), load.host);
    try {
      await work();
    } finally {
      await this.inLab(`touch ${stop}`);
    }
    return answersOf(await answers);
  }

  /** Waits, and changes nothing, until one client gets answers of this many servers at the VIP. */
  async answersAgain(servers = 2): Promise<void> {
    const end = Date.now() + 4 * 60_000;
    for (;;) {
      const answers = await this.backends(4);
      if (new Set(answers).size === servers && !answers.includes("-")) return;
      if (Date.now() > end) throw new Error(`the site does not answer again: ${answers}`);
    }
  }
}
