import * as pulumi from "@pulumi/pulumi";
import type { Host } from "../host/host";
import { LvsResource } from "../host/resource";
import type { DrainArgs } from "../kinds/virtual-service";

/** A real server of a rollout. */
export interface RolloutServerArgs {
  /** The host; its name is what the server answers in the header `X-Backend`. */
  host: Host;
  /**
   * Its address in the directors' tables, where it is asked whether it is ready, too.
   * @example "172.17.111.234"
   */
  address: pulumi.Input<string>;
}

/** A director whose table the servers leave while they are exchanged. */
export interface RolloutDirectorArgs {
  /** The director's host. */
  host: Host;
  /**
   * The site's VIP: its services are the site's.
   * @example "172.17.111.111"
   */
  vip: pulumi.Input<string>;
  /**
   * The firewall mark whose service is the site's.
   * @default 99
   */
  mark?: pulumi.Input<number>;
}

/** When an application counts as ready. */
export interface ReadyArgs {
  /**
   * What it is asked for, over http on the server's own address.
   * @example "/readyz"
   */
  path: string;
  /**
   * The status it must answer.
   * @default 200
   */
  status?: number;
  /**
   * A text that the answer must hold.
   * @default any
   */
  contains?: string;
  /**
   * Seconds until it must be ready after a start.
   * @default 120
   */
  within?: number;
}

/** The arguments of a `Rollout`. */
export interface RolloutArgs {
  /** The application's name, as its `Release` has it. */
  site: pulumi.Input<string>;
  /** The folder of its releases on each server, as its `Release` has it. */
  root: pulumi.Input<string>;
  /** The release that shall run: each server has it as a `Release`. */
  release: pulumi.Input<string>;
  /** The user that the application runs as, and `prepare`. */
  user: pulumi.Input<string>;
  /** The servers, in the order in which they are exchanged. */
  servers: RolloutServerArgs[];
  /**
   * The directors that send them clients.
   * @default none: nothing is drained
   */
  directors?: RolloutDirectorArgs[];
  /** When it is ready. */
  ready: ReadyArgs;
  /**
   * A command of the release that is run before any server switches to it: a migration. It runs again where a rollout is
   * tried again, so it must do nothing the second time. The release that runs meanwhile must go on working.
   * @default none
   */
  prepare?: string[];
  /**
   * `"first"`: on the first server, for all of them; `"each"`: on every server, where each has a state of its own.
   * @default "first"
   */
  prepareOn?: "first" | "each";
  /**
   * How connections end when a server leaves the table.
   * @default { timeout: 300, onTimeout: "fail" }
   */
  drain?: pulumi.Input<DrainArgs>;
  /**
   * Where no other server would be left in a service: `"refuse"`: the update fails; `"interrupt"`: the service is interrupted.
   * @default "refuse"
   */
  alone?: pulumi.Input<"refuse" | "interrupt">;
  /**
   * The machines that serve, as their `Release` knows them: another one has to be switched, too.
   * @default nothing is compared
   */
  machines?: pulumi.Input<pulumi.Input<string>[]>;
}

/**
 * A release is what runs on all servers. Servers that no director sends clients to switch at once; the others one after the other:
 * out of the table, switch, restart, ready on its own address, back into the table. A server on which that fails goes back to the
 * release that it had, and the update fails there, with the reason and the end of the log: the others go on as they are.
 *
 * It stands before the service in a program: servers that are added run before they get clients, and a service that changes is
 * still the one that serves. An interrupted rollout is resumed by the next `up`: the director remembers the weights.
 *
 * `EcommerceSite` declares one.
 */
export class Rollout extends LvsResource {
  /** The application's name. */
  declare readonly site: pulumi.Output<string>;
  /** The release that is to run on all servers. */
  declare readonly release: pulumi.Output<string>;
  /** What runs, by the name of the server: the release, or what is otherwise. A refresh looks. */
  declare readonly running: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: RolloutArgs, opts?: pulumi.CustomResourceOptions) {
    const { site, root, release, user, ready, prepare, prepareOn, drain, alone, machines } = args;
    const running = Object.fromEntries(args.servers.map(({ host }) => [host.name, release]));
    const servers = args.servers.map(({ host, address }) => ({ host: host.connection, address }));
    const directors = (args.directors ?? []).map(({ host, vip, mark }) => ({ host: host.connection, vip, mark }));
    super(
      "Rollout",
      name,
      { site, root, release, user, servers, directors, ready, prepare, prepareOn, drain, alone, machines, running },
      pulumi.mergeOptions(optionsOf([...args.servers, ...(args.directors ?? [])]), opts ?? {}),
    );
  }
}

/** It comes after all of its hosts, and is not bound to the life of any. */
function optionsOf(hosts: readonly { host: Host }[]): pulumi.CustomResourceOptions {
  return { dependsOn: hosts.flatMap(({ host }) => [host.options.dependsOn ?? []].flat() as pulumi.Resource[]) };
}
