import * as pulumi from "@pulumi/pulumi";
import { HostResource, type HostResourceArgs } from "../host/resource";

/** A file that was built where Pulumi runs. */
export interface ArtefactArgs {
  /** Its path there: a .tar.gz whose root is the application's folder. */
  path: string;
  /** Its SHA-256 in hexadecimal: says when it is another one. */
  sha256: string;
}

/** The arguments of a `Release`. */
export interface ReleaseArgs extends HostResourceArgs {
  /** The application's name, and that of its unit: small letters, digits and dashes. Another name is a replacement. */
  site: pulumi.Input<string>;
  /** The folder of all its releases: "/srv/<site>". */
  root: pulumi.Input<string>;
  /** The release's name: 8 to 64 hexadecimal digits, others for anything that differs. */
  release: pulumi.Input<string>;
  /** What is unpacked as `<root>/releases/<release>/app`. */
  artefact: pulumi.Input<ArtefactArgs>;
  /** The command that runs it, in `app`. */
  start: pulumi.Input<pulumi.Input<string>[]>;
  /** The user it runs as, who is on the host. */
  user: pulumi.Input<string>;
  /**
   * The most memory it may have (systemd.resource-control(5)).
   * @default no limit
   * @example "400M"
   */
  memory?: pulumi.Input<string>;
  /** Its environment. Always kept as a secret; on the host in a file that root alone reads. */
  environment?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /**
   * Folders in `<root>/shared` that belong to the user and outlive releases.
   * @default none
   */
  shared?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * How many releases stay on the host: 1 to 100. The running one always does.
   * @default 3
   */
  keep?: pulumi.Input<number>;
  /**
   * Whether deleting removes the shared folders.
   * @default false
   */
  deleteData?: pulumi.Input<boolean>;
}

/**
 * A release of an application lies ready on a host: unpacked, with its environment and its systemd unit. It runs once a `Rollout`
 * switches to it. Deleting stops the application and removes all of its releases.
 *
 * `EcommerceSite` declares one for each of its servers.
 */
export class Release extends HostResource {
  declare readonly site: pulumi.Output<string>;
  declare readonly root: pulumi.Output<string>;
  /** After a refresh, what of it was changed on the host is named here. */
  declare readonly release: pulumi.Output<string>;
  declare readonly artefact: pulumi.Output<ArtefactArgs>;
  declare readonly start: pulumi.Output<string[]>;
  declare readonly user: pulumi.Output<string>;
  declare readonly memory: pulumi.Output<string | undefined>;
  declare readonly environment: pulumi.Output<Record<string, string>>;
  declare readonly shared: pulumi.Output<string[]>;
  declare readonly keep: pulumi.Output<number>;
  declare readonly deleteData: pulumi.Output<boolean>;

  constructor(name: string, args: ReleaseArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { host, site, root, release, artefact, start, user, memory, environment, shared, keep, deleteData } = args;
    super(
      "Release",
      name,
      host,
      {
        ...{ site, root, release, artefact, start, user, memory, shared, keep, deleteData },
        environment: pulumi.secret(environment ?? {}),
      },
      pulumi.mergeOptions({ additionalSecretOutputs: ["environment"] }, opts),
    );
  }
}
