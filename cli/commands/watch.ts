import { setTimeout } from "node:timers/promises";
import { type Command, Option } from "commander";
import { addressesOf, type Status, Tables } from "pulumi-lvs-provider/operations";
import { EXIT, say } from "../ending";
import { number } from "../number";
import { stackState } from "../stack";
import { hostsOf, type StackState, serverNames, serverOf } from "../state";
import { isWell, statusLines, statusText, verdict } from "../status-text";
import { harmless } from "../text";
import { ORDERS, type Order, sorted } from "../watch/order";
import { columnsOf, drawing, isScreen, marksFor, onKey } from "../watch/terminal";
import { Trends } from "../watch/trends";

interface Options {
  readonly every: number;
  readonly times?: number;
  readonly sort: Order;
}

/** `watch`: the directors' tables, again and again. */
export function watch(program: Command): void {
  program
    .command("watch")
    .description(
      "the directors' tables, live, with the rates of the last looks; without a terminal, in CI, or with --json one after the other",
    )
    .option("--every <seconds>", "how often", number, 2)
    .option("--times <number>", "end after so many", number)
    .addOption(
      new Option("--sort <by>", "the order of a service's servers; in a terminal also by a key: n, c, r, w")
        .choices(ORDERS)
        .default("name"),
    )
    .action(async ({ every, times = Number.POSITIVE_INFINITY, sort }: Options, command: Command) => {
      const state = await stackState(command);
      const isJson = command.optsWithGlobals().json === true;
      const names = serverNames(state);
      const show = isJson ? asJson(sort) : asText(names, sort);
      const tables = new Tables(state.resources);
      for (let time = 1; time <= times; time++) {
        const status = await tables.look(time === 1 ? undefined : LATE);
        if (time === 1 && !isJson) await learnNames(names, state, status);
        show(status);
        if (time < times) await setTimeout(every * 1000);
        else process.exitCode = isWell(status) ? EXIT.done : EXIT.differs;
      }
    });

  function asJson(by: Order) {
    return (status: Status) => {
      const at = new Date().toISOString();
      process.stdout.write(`${JSON.stringify({ at, ...sorted(status, by, new Map()) })}\n`);
    };
  }
}

/** Seconds until a table is shown without a director that has answered before: it may have been lost. */
const LATE = 5;

/** Seconds until the first table is shown without the names that no host has said. */
const PATIENCE = 5;

/**
 * Asks the hosts once for their own addresses, where a table has a server that no host is reached by: a host may have an address
 * of its own for that. What comes late is shown with the next table.
 */
async function learnNames(names: Map<string, string>, state: StackState, { hosts }: Status): Promise<void> {
  const destinations = hosts.flatMap(({ services }) => services.flatMap((service) => service.destinations));
  if (destinations.every(({ destination }) => names.has(serverOf(destination)))) return;
  const asking = [...hostsOf(state).values()].map(async (host) => {
    const addresses = await addressesOf({ ...host, ready: PATIENCE }).catch(() => []);
    return { host: host.name, addresses };
  });
  const learnt = Promise.all(asking).then((all) => {
    for (const [address, name] of serverNames(state, { hosts: all })) names.set(address, name);
  });
  await Promise.race([learnt, setTimeout(PATIENCE * 1000, undefined, { ref: false })]);
}

/** Shows a status as text: on a screen over the one before, elsewhere after it. */
function asText(names: ReadonlyMap<string, string>, first: Order): (status: Status) => void {
  const { stdout, env } = process;
  if (!isScreen(stdout.isTTY, env))
    return (status) => {
      say(`${new Date().toISOString()}\n${statusText(sorted(status, first, names), names)}`);
    };
  const trends = new Trends(marksFor(env));
  let by = first;
  let last: { readonly at: string; readonly status: Status } | undefined;
  const draw = () => {
    if (!last) return;
    const { at, status } = last;
    const trend = trends.of.bind(trends);
    const lines = statusLines(sorted(status, by, names), names, { trend, width: columnsOf(stdout) });
    // What does not fit is left out at the end.
    const text = harmless(`${at}  by ${by}${hint}\n${verdict(status)}\n${lines}`);
    stdout.write(drawing(text, stdout));
  };
  const hasKeys = onKey((key) => {
    if (key === "q") process.exit();
    by = ORDERS.find((order) => order.startsWith(key) && key !== "") ?? by;
    draw();
  });
  const hint = hasKeys ? `  (${ORDERS.map((order) => order[0]).join(", ")}: another order; q: end)` : "";
  stdout.on("resize", draw);
  return (status) => {
    trends.add(status);
    last = { at: new Date().toISOString(), status };
    draw();
  };
}
