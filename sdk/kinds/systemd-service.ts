import type * as pulumi from "@pulumi/pulumi";
import { declares } from "../arguments/declares";
import { HostResource, type HostResourceArgs } from "../host/resource";

/** The arguments of a `SystemdService`. */
export interface SystemdServiceArgs extends HostResourceArgs {
  /**
   * The unit (systemd.unit(5)). A name without suffix is a service. Another unit is a replacement.
   * @example "nginx.service"
   */
  unit: pulumi.Input<string>;
  /**
   * Whether the unit starts at boot. A unit without that choice stays as it is (systemctl(1), is-enabled: `static`).
   * @default true
   */
  enabled?: pulumi.Input<boolean>;
  /**
   * Whether the unit runs now.
   * @default true
   */
  running?: pulumi.Input<boolean>;
  /**
   * The files that the unit must have been started or reloaded with: path → SHA-256 of the content in hexadecimal, or
   * `"absent"`. Where the unit was not, it is reloaded. With `running: false` nothing is loaded, and the files do not count.
   * @default the unit is never reloaded for its files
   * @example { "/etc/nginx/conf.d/site.conf": sha256(content) }
   */
  configuration?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /**
   * How the unit takes up a changed configuration. A reload keeps connections, where the unit has a reload.
   * @default "reload"
   */
  reload?: pulumi.Input<"reload" | "restart">;
  /**
   * A command that must succeed before a reload or restart. While the command fails, the service goes on with its
   * former configuration.
   * @default nothing is validated
   * @example ["nginx", "-t"]
   */
  validate?: pulumi.Input<pulumi.Input<string>[]>;
}

/**
 * A systemd unit: running, enabled, and with the declared configuration. Deleting the resource puts back whether the
 * unit was enabled and running.
 *
 * @example
 * ```ts
 * new SystemdService("nginx", { host: rs1, unit: "nginx.service", validate: ["nginx", "-t"] }, { dependsOn: nginx });
 * ```
 */
@declares
export class SystemdService extends HostResource {
  /** The unit, with its suffix. */
  declare readonly unit: pulumi.Output<string>;
  /** Whether the unit was seen to start at boot. */
  declare readonly enabled: pulumi.Output<boolean>;
  /** Whether the unit was seen running. */
  declare readonly running: pulumi.Output<boolean>;
  /**
   * The files as the unit has loaded them: path → SHA-256. A file that was changed since then has its present digest. A
   * file that is gone is `"absent"`.
   */
  declare readonly configuration: pulumi.Output<Record<string, string> | undefined>;
  /** How the unit takes up a changed configuration. */
  declare readonly reload: pulumi.Output<"reload" | "restart">;
  /** The command that must succeed before a reload or restart. */
  declare readonly validate: pulumi.Output<string[] | undefined>;

  constructor(name: string, args: SystemdServiceArgs, opts?: pulumi.CustomResourceOptions) {
    const { unit, enabled, running, configuration, reload, validate } = args;
    super("SystemdService", name, args, { unit, enabled, running, configuration, reload, validate }, opts);
  }
}
