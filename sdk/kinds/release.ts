import * as pulumi from "@pulumi/pulumi";
import { declares } from "../arguments/declares";
import type { Host } from "../host/host";
import { HostResource, type HostResourceArgs } from "../host/resource";

/** A file that was built where Pulumi runs. */
export interface ArtefactArgs {
  /**
   * The path of the file, where Pulumi runs: a .tar.gz whose root is the application's folder.
   * @example "shop-2f1c9a.tar.gz"
   */
  path: string;
  /** The SHA-256 of the file in hexadecimal. Another digest is another artefact. */
  sha256: string;
}

/** The arguments of a `Release`. */
export interface ReleaseArgs extends HostResourceArgs {
  /**
   * The application's name, which its unit has, too: small letters, digits and dashes. Another name is a replacement.
   * @example "shop"
   */
  site: pulumi.Input<string>;
  /**
   * The folder of all the application's releases.
   * @example "/srv/shop"
   */
  root: pulumi.Input<string>;
  /** The release's name: 8 to 64 hexadecimal digits. Releases that differ in anything need different names. */
  release: pulumi.Input<string>;
  /** The artefact, which is unpacked as `<root>/releases/<release>/app`. */
  artefact: pulumi.Input<ArtefactArgs>;
  /**
   * The command that runs the application, in the folder `app`.
   * @example ["node", "server.js"]
   */
  start: pulumi.Input<pulumi.Input<string>[]>;
  /** The user that the application runs as. The host must have the user: declare it first ({@link SystemUser}). */
  user: pulumi.Input<string>;
  /**
   * The most memory that the application may have (systemd.resource-control(5)).
   * @default no limit
   * @example "400M"
   */
  memory?: pulumi.Input<string>;
  /**
   * The application's environment. Always kept as a secret. On the host it is in a file that root alone reads. A value
   * is one line.
   * @default {}
   */
  environment?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /**
   * Folders in `<root>/shared` that belong to the user and outlive releases. One may be a link to a folder on a larger disk. A
   * folder that is there already keeps its mode, and a delete gives it back to its owner.
   * @default none
   */
  shared?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * How many releases stay on the host: 1 to 100. The running release always stays.
   * @default 3
   */
  keep?: pulumi.Input<number>;
  /**
   * Whether deleting removes the shared folders. What was in `<root>/shared` before the first release stays.
   * @default false
   */
  deleteData?: pulumi.Input<boolean>;
  /**
   * The directors whose clients the host serves. If an operator has drained the host (`pulumi-lvs drain`) and it is down,
   * another release is a warning and no error: the next `up` that reaches the host unpacks it.
   * @default a host that is down is an error
   */
  behind?: BehindArgs;
}

/** The place of a real server in the directors' tables. */
export interface BehindArgs {
  /** The server's address there. */
  address: pulumi.Input<string>;
  /** The directors. */
  directors: Host[];
}

/**
 * A release of an application, unpacked on a host with its environment and its systemd unit. The release runs once a
 * `Rollout` switches to it. Deleting the resource stops the application and removes all of its releases.
 *
 * `EcommerceSite` declares a release for each of its servers.
 *
 * @example
 * ```ts
 * const user = new SystemUser("shop", { host: rs1, user: "shop" });
 * const artefact = { path: "shop.tar.gz", sha256: config.require("sha256") };
 * const running = { site: "shop", root: "/srv/shop", release: "2f1c9a04", user: "shop" };
 * new Release("shop", { host: rs1, ...running, artefact, start: ["node", "server.js"] }, { dependsOn: user });
 * ```
 */
@declares
export class Release extends HostResource {
  /** The application's name, which its unit has, too. */
  declare readonly site: pulumi.Output<string>;
  /** The folder of all the application's releases. */
  declare readonly root: pulumi.Output<string>;
  /** The release's name. After a refresh, the name is followed by what was changed of the release on the host. */
  declare readonly release: pulumi.Output<string>;
  /** The artefact that is unpacked. */
  declare readonly artefact: pulumi.Output<ArtefactArgs>;
  /** The command that runs the application. */
  declare readonly start: pulumi.Output<string[]>;
  /** The user that the application runs as. */
  declare readonly user: pulumi.Output<string>;
  /** The most memory that the application may have; undefined: no limit. */
  declare readonly memory: pulumi.Output<string | undefined>;
  /** The application's environment. A secret. */
  declare readonly environment: pulumi.Output<Record<string, string>>;
  /** Folders in `<root>/shared` that belong to the user and outlive releases. */
  declare readonly shared: pulumi.Output<string[]>;
  /** How many releases stay on the host. */
  declare readonly keep: pulumi.Output<number>;
  /** Whether deleting removes the shared folders. */
  declare readonly deleteData: pulumi.Output<boolean>;

  constructor(name: string, args: ReleaseArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { site, root, release, artefact, start, user, memory, environment, shared, keep, deleteData, behind } = args;
    super(
      "Release",
      name,
      args,
      {
        ...{ site, root, release, artefact, start, user, memory, shared, keep, deleteData },
        environment: pulumi.secret(environment ?? {}),
        behind: behind && { address: behind.address, directors: connections(behind.directors) },
      },
      pulumi.mergeOptions({ additionalSecretOutputs: ["environment"] }, opts),
    );
  }
}

/** How to reach the directors. The shape of the arguments is judged afterwards: a program in JavaScript may give no list. */
function connections(directors: Host[] | undefined) {
  return [directors ?? []].flat().map((one) => one?.connection);
}
