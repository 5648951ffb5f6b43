import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { declares } from "../arguments/declares";
import { argumentsOf, given, host, now, refuseShape, type Shape } from "../arguments/shape";
import type { Host } from "../host/host";
import { LvsResource } from "../host/resource";
import type { DrainArgs } from "../kinds/virtual-service-args";

/** A real server of a rollout. */
export interface RolloutServerArgs {
  /** The host. The server must answer with the host's name in the header `X-Backend`. */
  host: Host;
  /**
   * The server's address in the directors' tables. The rollout asks at this address whether the application is ready,
   * too.
   * @example "172.17.111.234"
   */
  address: pulumi.Input<string>;
}

/** A director that takes the servers out of its table while they are exchanged. */
export interface RolloutDirectorArgs {
  /** The director's host. */
  host: Host;
  /**
   * The site's VIP. Its services belong to the site.
   * @example "172.17.111.111"
   */
  vip: pulumi.Input<string>;
  /**
   * The firewall mark of the site's service.
   * @default 99
   */
  mark?: pulumi.Input<number>;
}

/** When an application counts as ready. */
export interface ReadyArgs {
  /**
   * The path that is requested over http, at the server's own address.
   * @example "/readyz"
   */
  path: string;
  /**
   * The status that the answer must have, 100 to 599.
   * @default 200
   */
  status?: number;
  /**
   * A text that the answer must contain.
   * @default any
   */
  contains?: string;
  /**
   * Seconds after a start until the application must be ready, 1 to 3600. A server that goes back to its former release has three times
   * as long: without it, it is out of service.
   * @default 120
   */
  within?: number;
}

/** How a rollout goes over the servers of a site. */
export interface RolloutTurns {
  /**
   * How many servers are exchanged at the same time: a number, or a share of what each service carries. The share is of
   * the weights: "25%" of the weights 4, 2, 1 and 1 is one server of weight 2, or both of weight 1. A server that has
   * more than the share goes alone. Unless `alone` is `"interrupt"`, a server is always left in each service.
   * @default 1
   * @example "25%"
   */
  batch?: pulumi.Input<number | string>;
  /**
   * How many servers may fail before the rollout stops. A server that fails goes back to its former release, and the
   * others of its batch finish. The update fails where any has failed.
   * @default 0
   */
  maxFailures?: pulumi.Input<number>;
  /**
   * How many servers go first, before the batches. `true` is one. Where one of them fails, the rollout stops, whatever
   * `maxFailures` says.
   * @default none
   */
  canary?: pulumi.Input<boolean | number>;
  /**
   * What happens where a director is down and another one has its VIP. `"pass"`: the update names the director and goes
   * on. The next `up` gives the director what it has missed. `"fail"`: the update fails. Where every director has the
   * VIP (ECMP), declare `"fail"`: a director that Pulumi does not reach may still serve.
   * @default "pass"
   */
  onDirectorDown?: pulumi.Input<"pass" | "fail">;
}

/** The arguments of a `Rollout`. */
export interface RolloutArgs extends RolloutTurns {
  /** The application's name, the same as in its `Release`. */
  site: pulumi.Input<string>;
  /** The folder of the application's releases on each server, the same as in its `Release`. */
  root: pulumi.Input<string>;
  /** The release that is to run. Each server has it as a `Release`. */
  release: pulumi.Input<string>;
  /** The user that the application and `prepare` run as. */
  user: pulumi.Input<string>;
  /** The servers, in the order in which they are exchanged. */
  servers: RolloutServerArgs[];
  /**
   * The directors that send clients to the servers, one or several. Weights change on all of them. Connections are waited
   * for on the one that has the VIP.
   * @default none: nothing is drained
   */
  directors?: RolloutDirectorArgs[];
  /** When the application is ready. */
  ready: ReadyArgs;
  /**
   * A command of the release that is run before any server switches to the release: a migration. The command runs again
   * where a rollout is repeated, so a second run must change nothing. The release that runs meanwhile must go on
   * working.
   * @default none
   */
  prepare?: string[];
  /**
   * Where `prepare` runs. `"first"`: on the first server, for all of them. `"each"`: on every server, where each has
   * its own state.
   * @default "first"
   */
  prepareOn?: "first" | "each";
  /**
   * How connections end when a server leaves the table.
   * @default { timeout: 300, onTimeout: "fail" }
   */
  drain?: pulumi.Input<DrainArgs>;
  /**
   * What happens where no other server would be left in a service. `"refuse"`: the update fails. `"interrupt"`: the
   * service is interrupted.
   * @default "refuse"
   */
  alone?: pulumi.Input<"refuse" | "interrupt">;
  /**
   * The machine-ids of the servers, as their `Release` has them. A new machine must be switched, too.
   * @default nothing is compared
   */
  machines?: pulumi.Input<pulumi.Input<string>[]>;
}

/**
 * Makes a release run on all servers. Servers without clients switch at once. The others switch one after the other, or
 * in batches: out of the table, switch, restart, ready at the server's own address, back into the table. A server on
 * which this fails goes back to its former release. The update then fails, with the reason and the end of the log, and
 * the remaining servers stay as they are.
 *
 * In a program a rollout comes before the virtual service. So new servers run the application before they get clients,
 * and during the rollout a service that is to change still serves in its former form. The next `up` resumes an
 * interrupted rollout, because the director remembers the weights.
 *
 * `EcommerceSite` declares a rollout.
 *
 * @example
 * ```ts
 * new Rollout("shop", {
 *   ...{ site: "shop", root: "/srv/shop", release: "2f1c9a04", user: "shop" },
 *   servers: [{ host: rs1, address: "172.17.111.234" }, { host: rs2, address: "172.17.111.222" }],
 *   directors: [{ host: director, vip: "172.17.111.111" }],
 *   ready: { path: "/readyz" },
 * });
 * ```
 */
@declares
export class Rollout extends LvsResource {
  /** The application's name. */
  declare readonly site: pulumi.Output<string>;
  /** The release that is to run on all servers. */
  declare readonly release: pulumi.Output<string>;
  /** What runs on each server, by the server's name: the release, or what differs from it. A refresh looks again. */
  declare readonly running: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: RolloutArgs, opts?: pulumi.CustomResourceOptions) {
    const { site, root, release, user, ready, prepare, prepareOn, drain, alone, machines } = args;
    const { batch, maxFailures, canary, onDirectorDown } = args;
    const turns = { batch, maxFailures, canary, onDirectorDown };
    const inputs = { site, root, release, user, ready, prepare, prepareOn, drain, alone, machines, ...turns };
    refuseShape(`Rollout "${name}"`, argumentsOf({ servers, directors: directors.optional() }, inputs), args);
    const running = Object.fromEntries(args.servers.map(({ host }) => [host.name, release]));
    super(
      "Rollout",
      name,
      { ...inputs, servers: connected(args.servers), directors: connected(args.directors ?? []), running },
      pulumi.mergeOptions(optionsOf([...args.servers, ...(args.directors ?? [])]), opts ?? {}),
    );
  }
}

const servers = now(z.array(z.object({ host, address: given } satisfies Shape<RolloutServerArgs>)));
const directors = now(
  z.array(z.object({ host, vip: given, mark: given.optional() } satisfies Shape<RolloutDirectorArgs>)),
);

function connected<Where extends object>(hosts: readonly ({ host: Host } & Where)[]) {
  return hosts.map((it) => ({ ...it, host: it.host.connection }));
}

/** A rollout comes after all of its hosts, and does not go with any of their machines. */
function optionsOf(hosts: readonly { host: Host }[]): pulumi.CustomResourceOptions {
  return { dependsOn: hosts.flatMap(({ host }) => [host.options.dependsOn ?? []].flat() as pulumi.Resource[]) };
}
