import type * as pulumi from "@pulumi/pulumi";
import type { OperatorNote } from "pulumi-lvs-provider/model";
import { declares } from "../arguments/declares";
import { HostResource, type HostResourceArgs } from "../host/resource";

/** The arguments of `BgpAnnouncement`. */
export interface BgpAnnouncementArgs extends HostResourceArgs {
  /** The announcement's name in its file. Another name is another announcement. */
  name: pulumi.Input<string>;
  /** The files that BIRD must have been started or reloaded with: path → SHA-256 of the content in hexadecimal. */
  configuration: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/** A session of BGP with a router. */
export interface BgpSession {
  /** `Established`, or what it waits for: `Idle`, `Connect`, `Active`, `OpenSent`, `OpenConfirm`, `Down`. */
  state: string;
  /**
   * When it entered this state, as in ISO 8601.
   * @default unknown: bird.conf is the host's own, and has times of another form
   */
  since?: string;
}

/**
 * BIRD runs, and has loaded the file of one announcement. `Bird` declares this resource together with the package and
 * the files. A change is loaded by a reload: a restart would end the sessions with the routers. How the sessions are
 * shows in `sessions`, and is no difference.
 */
@declares
export class BgpAnnouncement extends HostResource {
  /** The announcement's name. */
  declare readonly name: pulumi.Output<string>;
  /** Whether BIRD starts at boot. */
  declare readonly enabled: pulumi.Output<boolean>;
  /** Whether BIRD runs. */
  declare readonly running: pulumi.Output<boolean>;
  /** The files as BIRD has loaded them: path → SHA-256. */
  declare readonly configuration: pulumi.Output<Record<string, string>>;
  /** The sessions of the host at the last look, by the router's address. */
  declare readonly sessions: pulumi.Output<Record<string, BgpSession>>;
  /** Why, by whom and since when the announcement is withdrawn on this host; undefined if it is not. */
  declare readonly withdrawn: pulumi.Output<Partial<OperatorNote> | undefined>;
  /** Why and since when the host has withdrawn the announcement by itself; undefined if it has not. */
  declare readonly unfit: pulumi.Output<Partial<OperatorNote> | undefined>;

  constructor(name: string, args: BgpAnnouncementArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = { enabled: true, running: true, sessions: undefined, withdrawn: undefined, unfit: undefined };
    super("BgpAnnouncement", name, args, { name: args.name, configuration: args.configuration }, opts, outputs);
  }
}
