import type * as pulumi from "@pulumi/pulumi";
import { declares } from "../arguments/declares";
import { HostResource, type HostResourceArgs } from "../host/resource";

/** The arguments of a `File`. */
export interface FileArgs extends HostResourceArgs {
  /**
   * The absolute path, without `.`, `..` and a `/` at its end. Another path is a replacement. Folders on the way to it
   * are made where they are missing.
   * @example "/etc/nginx/conf.d/site.conf"
   */
  path: pulumi.Input<string>;
  /**
   * The content. A secret stays a secret in the state, in previews and on the way to the host.
   * @default "" where `state` is `"present"`
   */
  content?: pulumi.Input<string>;
  /**
   * `"absent"`: the file must not exist. A file that was found comes back when this resource is deleted.
   * @default "present"
   */
  state?: pulumi.Input<"present" | "absent">;
  /**
   * Permissions in octal, as for chmod(1).
   * @default "0644"
   */
  mode?: pulumi.Input<string>;
  /**
   * The user who owns it, by name or number.
   * @default "root"
   */
  user?: pulumi.Input<string>;
  /**
   * The group that owns it, by name or number.
   * @default "root"
   */
  group?: pulumi.Input<string>;
  /**
   * A command that judges the new content before it takes the file's place. `%s` in a word of the command stands for
   * the path of the candidate. Refused content never reaches `path`.
   * @default nothing is judged
   * @example ["visudo", "-cf", "%s"]
   */
  validate?: pulumi.Input<pulumi.Input<string>[]>;
}

/**
 * A file with exactly this content, or the absence of a file. The file is replaced in one step (rename(2)), so that
 * nobody reads half of it. Deleting the resource puts back what was found.
 *
 * @example
 * ```ts
 * new File("motd", { host: director, path: "/etc/motd", content: "This director is managed by Pulumi.\n" });
 * ```
 */
@declares
export class File extends HostResource {
  /** The absolute path. */
  declare readonly path: pulumi.Output<string>;
  /**
   * The content that was seen; undefined where no file is declared. Content that differs from the declared content, and
   * is larger than 64 KiB or no text, shows as its digest, `sha256:…`.
   */
  declare readonly content: pulumi.Output<string | undefined>;
  /** Whether there is such a file. After a refresh a symbolic link in its place shows as `symlink to …`. */
  declare readonly state: pulumi.Output<"present" | "absent">;
  /** The permissions that were seen, in four octal digits. */
  declare readonly mode: pulumi.Output<string>;
  /** The user who was seen to own it, by name or number as declared. */
  declare readonly user: pulumi.Output<string>;
  /** The group that was seen to own it, by name or number as declared. */
  declare readonly group: pulumi.Output<string>;
  /** The command that judges new content. */
  declare readonly validate: pulumi.Output<string[] | undefined>;

  constructor(name: string, args: FileArgs, opts?: pulumi.CustomResourceOptions) {
    const { path, content, state, mode, user, group, validate } = args;
    super("File", name, args, { path, content, state, mode, user, group, validate }, opts);
  }
}
