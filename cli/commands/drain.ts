import { hostname, userInfo } from "node:os";
import { type Command, InvalidArgumentError } from "commander";
import { normalAddress } from "pulumi-lvs-provider/model";
import {
  addressesOf,
  type Balancer,
  balancer,
  drainServer,
  isAnnouncing,
  isDirector,
  isDown,
  LvsError,
  type Moves,
  returnServer,
  serversOf,
} from "pulumi-lvs-provider/operations";
import { EXIT, print, say } from "../ending";
import { stackState } from "../stack";
import { directorsOf, hostsOf, type StackState } from "../state";
import { giveUp, takeBack } from "./hand-over";

/** `drain`: takes a real server out of the directors' tables, or has another director take what one has. */
export function drain(program: Command): void {
  program
    .command("drain")
    .argument("<server>", "the real server: its host's name in the program, or its address in the table; or a director")
    .description("take a real server out of every director's table; a director: let another one take its addresses")
    .requiredOption("--reason <text>", "why, as status shows it", words)
    .option(
      "--timeout <seconds>",
      "how long to wait until its connections have ended, or the other director knows them",
      seconds,
      300,
    )
    .option("--cut", "cut the connections that are open then; without it the server comes back, and the command fails")
    .option("--force", "drain the last server of a service, or a director for which no other one is fit, too")
    .action(
      async (
        server: string,
        options: { reason: string; timeout: number; cut?: true; force?: true },
        command: Command,
      ) => {
        const note = {
          reason: options.reason,
          by: `${userInfo().username}@${hostname()}`,
          since: new Date().toISOString(),
        };
        const { timeout, cut, force = false } = options;
        const how = { timeout, onTimeout: cut ? "cut" : "fail", force } as const;
        const state = await stackState(command);
        tellWhenInterrupted(server);
        if (isOneOfSeveral(state, server)) return giveUp(server, state.resources, command, note, how);
        await everywhere(server, state, command, "is out", (balanced, address) =>
          drainServer(balanced, address, note, how),
        );
      },
    );
}

/** Whoever ends a drain that waits has to know what stays: nothing is brought back on the way out. */
function tellWhenInterrupted(server: string): void {
  const signals = { SIGINT: 130, SIGTERM: 143 } as const;
  for (const [signal, status] of Object.entries(signals))
    process.once(signal, () => {
      process.stderr.write(
        `interrupted: what is out of a table by now stays out, and \`pulumi-lvs status\` shows it. \`pulumi-lvs return ${server}\` brings ` +
          "it back; the same drain goes on waiting\n",
      );
      process.exit(status);
    });
}

/** `return`: brings a real server or a director back. */
export function bringBack(program: Command): void {
  program
    .command("return")
    .argument("<server>", "the real server: its host's name in the program, or its address in the table; or a director")
    .description("bring a real server back into every director's table, with its weights; a director stands by again")
    .action(async (server: string, _: unknown, command: Command) => {
      const state = await stackState(command);
      if (isOneOfSeveral(state, server)) return takeBack(server, state.resources, command);
      await everywhere(server, state, command, "is back", returnServer);
    });
}

/** Whether other directors stand in for this one, or serve beside it. */
function isOneOfSeveral({ resources }: StackState, name: string): boolean {
  return isDirector(resources, name) || isAnnouncing(resources, name);
}

async function everywhere(
  server: string,
  state: StackState,
  command: Command,
  done: string,
  move: (balancers: Balancer[], address: string) => Promise<Moves>,
): Promise<void> {
  const found = await directorsWith(state, server);
  const all: Moves[] = [];
  for (const address of new Set(found.map((one) => one.address))) {
    const directors = found.filter((one) => one.address === address).map(({ director }) => director);
    all.push(
      await move(
        directors.map((director) => balancer(director, state.resources)),
        address,
      ),
    );
  }
  const moves = all.flatMap((one) => one.moves);
  const missed = all.flatMap((one) => one.missed);
  if (missed.length > 0) process.exitCode = EXIT.differs;
  if (command.optsWithGlobals().json) return print({ server, moves, missed });
  for (const { director, places, stays } of moves) {
    if (stays) say(`${director}: ${server} stays out: ${stays}\n`);
    else if (places.length === 0) say(`${director}: nothing to do\n`);
    for (const { service, destination, weight } of places)
      say(`${director}: ${service}: ${destination} ${done}, weight ${weight}\n`);
  }
  for (const { director } of missed)
    say(
      `${director}: not reached. The next drain, return, rollout or \`pulumi up --refresh\` gives it what it misses, once it is back\n`,
    );
}

/** The directors that have the server in their tables, and its address there. Of one that is down, the state says so. */
async function directorsWith(state: StackState, server: string) {
  const host = hostsOf(state).get(server);
  const directors = await Promise.all(
    directorsOf(state).map(async (director) => ({ director, servers: await serversOf(director, state.resources) })),
  );
  const find = (addresses: readonly string[]) =>
    directors.flatMap(({ director, servers }) =>
      servers.filter((one) => addresses.includes(one)).map((address) => ({ director, address })),
    );
  const known = find([normalAddress(server.replace(/^\[(.*)\]$/, "$1")), ...(host ? [host.address] : [])]);
  if (known.length > 0) return known;
  const addresses = host ? await addressesOf(host).catch(asDown) : [];
  const asked = Array.isArray(addresses) ? find(addresses) : [];
  if (asked.length > 0) return asked;
  const all = [...new Set(directors.flatMap(({ servers }) => servers))];
  if (directors.some(({ director }) => director.name === server))
    throw new LvsError(
      `${server} is a director, and no other one of the stack stands in for it: there are the real servers ${all.join(", ") || "none"}`,
    );
  const why = Array.isArray(addresses) ? "" : `. Name it by its address there, because ${addresses.message}`;
  throw new LvsError(
    `no director of the stack has the real server ${server}: there are ${all.join(", ") || "none"}${why}`,
  );
}

/** A server that is about to be drained may be down already. */
function asDown(error: unknown) {
  if (isDown(error)) return error;
  throw error;
}

/** A reason on one line, without what a terminal would obey. */
function words(text: string): string {
  const value = text.replace(/[\s\p{Cc}\p{Bidi_Control}]+/gu, " ").trim();
  if (value === "") throw new InvalidArgumentError("some words.");
  return value;
}

function seconds(text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!(value >= 0 && value <= 86400)) throw new InvalidArgumentError("seconds, from 0 to 86400.");
  return value;
}
