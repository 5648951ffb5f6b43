import { ensureArtefact } from "./artefact.js";
import { type Debian, debianOf, defaultGuests, labRun, labSsh, labUp, waitForGuests } from "./lab/index.js";
import { phase } from "./progress.js";
import { pulumi } from "./pulumi.js";
import { prepareStack, pulumiPrints } from "./stacks.js";
import { awaitToolchain, beginToolchain } from "./toolchain/index.js";

/** Brings up an experiment in the embedded lab, and shows that it works. */
export async function start(experiment: string, stack = experiment, debian?: Debian): Promise<number> {
  if (experiment === "shop" && (await debianOf(stack, debian)) === 13)
    throw new Error(
      "npm start shop: the shop's libraries are built for the Python of Debian 12, and Debian 13 has another: say --debian 12",
    );
  // The first build of the tool chain on a machine takes longer than everything that can be done without it.
  beginToolchain();
  // Bare machines are those of an experiment that comes later: the stack's name says which.
  const { clients } = await labUp(stack, {
    ...(debian && { debian }),
    guests: defaultGuests(experiment === "bare" ? stack : experiment),
  });
  const chosen: Record<string, string> = { experiment };
  if (experiment === "shop") chosen.artefact = (await ensureArtefact()).path;
  const toolchain = await awaitToolchain();
  await phase(`stack ${stack}`, () => prepareStack(stack, chosen, toolchain));
  const exit = await phase(`pulumi up -s ${stack}`, () => pulumi(["up", "--yes", "--skip-preview", "-s", stack]));
  if (exit !== 0) return exit;
  await waitForGuests(stack);
  const url = async () => (await pulumiPrints(toolchain, ["stack", "output", "url", "-s", stack])).trim();
  if (experiment !== "bare") await show(experiment, stack, clients.length, await url());
  return 0;
}

async function show(experiment: string, stack: string, clients: number, url: string): Promise<void> {
  heading("The director's table");
  await labSsh(`${stack}/director`, ["ipvsadm", "-Ln"]);
  if (experiment === "ecmp") {
    heading("The router's ways");
    await labSsh(`${stack}/router`, ["ip", "route", "show", "proto", "bird"]);
  }
  heading("What clients get");
  const once = `curl -s -o /dev/null -D - --max-time 10 ${url} | tr -d '\\r' | sed -n 's/^X-Backend: //p'`;
  // 0 means the lab's own namespace.
  for (const client of clients > 0 ? [1, 2].slice(0, clients) : [0])
    await labRun(
      stack,
      ["sh", "-c", `for i in 1 2 3 4 5 6 7 8; do ${once}; done | tr '\\n' ' ' | sed 's/^/client ${client}: /'; echo`],
      { client },
    );
  heading("Go on");
  const change = experiment === "shop" ? `shopName "Under new name"` : "--path pulumi-lvs:weights.rs1 3";
  console.log(`  npm run pulumi -- preview --diff -s ${stack}
  npm run pulumi -- config set ${change} -s ${stack}   # then: up -s ${stack}
  npm run lab -- ssh ${stack}/director ipvsadm -C                           # drift by hand
  npm run pulumi -- up --refresh -s ${stack}                                 # shows it, repairs it
  npm run lab -- run ${stack} curl -i ${url}
  npm run pulumi -- destroy -s ${stack}; npm run lab -- down ${stack}`);
}

function heading(text: string): void {
  console.log(`\n\x1b[1m${text}\x1b[0m`);
}
