import { spawn } from "node:child_process";
import { join } from "node:path";

/** The stack that the tests bring up: the topology of experiment 1, apart from a user's own `nat`. */
export const stack = "nat-test";

const root = join(__dirname, "..", "..");

export interface Ran {
  readonly exit: number;
  /** Standard output and standard error, as they came. */
  readonly text: string;
}

/** Runs one of the project's commands, as a user would: `npm run <words>`. */
export function run(words: string[], environment: Record<string, string> = {}): Promise<Ran> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [join(root, "tools", "bootstrap.mjs"), ...words], {
      cwd: root,
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (some: Buffer) => (text += some.toString()));
    child.on("error", failed);
    child.on("close", (code) => done({ exit: code ?? 1, text }));
  });
}

/** The same, where anything but success ends the test with what was printed. */
export async function must(words: string[], environment?: Record<string, string>): Promise<string> {
  const { exit, text } = await run(words, environment);
  if (exit !== 0) throw new Error(`${words.join(" ")}: exit ${exit}\n${text}`);
  return text;
}

export const pulumi = (...words: string[]) => must(["pulumi", ...words, "-s", stack, "--color", "never"]);

export const up = (...words: string[]) => pulumi("up", "--yes", "--skip-preview", ...words);

export const configure = (key: string, value: string) => pulumi("config", "set", "--path", `pulumi-lvs:${key}`, value);

/** Runs a script on a guest. */
export const on = (vm: string, script: string) => must(["lab", "ssh", `${stack}/${vm}`, script]);

/** Runs a script in the lab's namespace, or on one of its client hosts. */
export const inLab = (script: string, client?: number) =>
  must(["lab", "run", ...(client ? ["--client", String(client)] : []), stack, "sh", "-c", script]);

export const VIP = "172.17.111.117";

/** The servers that answered, one a request, in order; "-" where none did. */
export async function backends(requests: number, client = 1, path = "/index.html"): Promise<string[]> {
  const script = `for i in $(seq ${requests}); do
    curl -s -o /dev/null -D - --max-time 10 http://${VIP}${path} | tr -d '\\r' | sed -n 's/^X-Backend: //p' | grep . || echo -; done`;
  return (await inLab(script, client)).trim().split("\n");
}

/** Clients that request all the while `work` goes on; the answers' status codes, "000" for none. */
export async function underLoad(work: () => Promise<unknown>): Promise<string[]> {
  const stop = `/tmp/lvs-load-${process.pid}-${Date.now()}`;
  const script = `end=$(( $(date +%s) + 300 )); while [ ! -e ${stop} ] && [ $(date +%s) -lt $end ]; do
    curl -s -o /dev/null -w '%{http_code}\\n' --max-time 20 http://${VIP}/index.html; done; rm -f ${stop}`;
  const load = inLab(script, 1);
  try {
    await work();
  } finally {
    await inLab(`touch ${stop}`);
  }
  return (await load).trim().split("\n");
}
