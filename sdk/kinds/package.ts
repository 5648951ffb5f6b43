import type * as pulumi from "@pulumi/pulumi";
import { declares } from "../arguments/declares";
import { HostResource, type HostResourceArgs } from "../host/resource";

/** The arguments of a `Package`. */
export interface PackageArgs extends HostResourceArgs {
  /**
   * The package's name in the host's repositories (apt, dnf or yum). Another package is a replacement.
   * @example "ipvsadm"
   */
  package: pulumi.Input<string>;
  /**
   * The version as the host's package manager prints it.
   * @default whichever is installed; where none is, the repositories' newest
   * @example "1:1.31-1+b2"
   */
  version?: pulumi.Input<string>;
  /**
   * The package's file, where no repository of the host has the package: an absolute path on the host, or a URL. The
   * file is used while the package is not installed. The packages that it depends on come from the repositories.
   * @default the repositories
   * @example "https://packages.example.com/ldirectord-4.12.0-1.el9.noarch.rpm"
   */
  file?: pulumi.Input<string>;
  /**
   * Whether deleting this resource removes a package that was not there before. By default the package stays, because
   * others may use it by now.
   * @default false
   */
  removeOnDelete?: pulumi.Input<boolean>;
}

/**
 * An installed package, on hosts of both families: apt (Debian, Ubuntu) and dnf or yum (Rocky, Alma, CentOS). The
 * provider waits while another run of the package manager holds its lock. Where apt would take another package away for
 * it, nothing is installed, because a delete could not bring that back.
 *
 * @example
 * ```ts
 * new Package("ipvsadm", { host: director, package: "ipvsadm" });
 * ```
 */
@declares
export class Package extends HostResource {
  /** The package's name in the host's repositories. */
  declare readonly package: pulumi.Output<string>;
  /** The version that was seen, where one was declared. */
  declare readonly version: pulumi.Output<string>;
  /** The package's file; undefined where it comes from the repositories. */
  declare readonly file: pulumi.Output<string | undefined>;
  /** Whether deleting removes a package that was not there before. */
  declare readonly removeOnDelete: pulumi.Output<boolean>;

  constructor(name: string, args: PackageArgs, opts?: pulumi.CustomResourceOptions) {
    const { version, file, removeOnDelete } = args;
    super("Package", name, args, { package: args.package, version, file, removeOnDelete }, opts);
  }
}
