import type * as pulumi from "@pulumi/pulumi";
import { HostResource, type HostResourceArgs } from "../host/resource";

/** The arguments of a `SystemdService`. */
export interface SystemdServiceArgs extends HostResourceArgs {
  /**
   * The unit (systemd.unit(5)). Without a suffix it is a service. Another unit is a replacement.
   * @example "nginx.service"
   */
  unit: pulumi.Input<string>;
  /**
   * Whether it starts at boot. A unit for which that cannot be chosen stays as it is (systemctl(1), is-enabled:
   * `static`).
   * @default true
   */
  enabled?: pulumi.Input<boolean>;
  /**
   * Whether it runs now.
   * @default true
   */
  running?: pulumi.Input<boolean>;
  /**
   * The files that it must have been started or reloaded with: path → SHA-256 of the content in hexadecimal, or
   * `"absent"`. Where it was not, it is reloaded.
   * @default the unit is never reloaded for its files
   * @example { "/etc/nginx/conf.d/site.conf": sha256(content) }
   */
  configuration?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /**
   * How it takes up a changed configuration. A reload keeps connections, where the unit has one.
   * @default "reload"
   */
  reload?: pulumi.Input<"reload" | "restart">;
  /**
   * A command that must succeed before a reload or restart. While it fails the service goes on with what it has.
   * @default nothing is validated
   * @example ["nginx", "-t"]
   */
  validate?: pulumi.Input<pulumi.Input<string>[]>;
}

/**
 * A systemd unit: running, enabled, and with the configuration that is declared. Deleting puts back whether it was enabled and
 * running.
 *
 * @example
 * ```ts
 * new SystemdService("nginx", { host: rs1, unit: "nginx.service", validate: ["nginx", "-t"] }, { dependsOn: nginx });
 * ```
 */
export class SystemdService extends HostResource {
  /** The unit, with its suffix. */
  declare readonly unit: pulumi.Output<string>;
  /** Whether it was seen to start at boot. */
  declare readonly enabled: pulumi.Output<boolean>;
  /** Whether it was seen running. */
  declare readonly running: pulumi.Output<boolean>;
  /**
   * The files as the unit has loaded them: path → SHA-256. A file that was changed since counts as it is now, one that is
   * gone as `"absent"`.
   */
  declare readonly configuration: pulumi.Output<Record<string, string> | undefined>;
  /** How it takes up a changed configuration. */
  declare readonly reload: pulumi.Output<"reload" | "restart">;
  /** The command that must succeed before a reload or restart. */
  declare readonly validate: pulumi.Output<string[] | undefined>;

  constructor(name: string, args: SystemdServiceArgs, opts?: pulumi.CustomResourceOptions) {
    const { host, unit, enabled, running, configuration, reload, validate } = args;
    super("SystemdService", name, host, { unit, enabled, running, configuration, reload, validate }, opts);
  }
}
