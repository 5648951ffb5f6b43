import * as pulumi from "@pulumi/pulumi";
import type { Host } from "./host";

/**
 * Registers one kind of thing with Pulumi's dynamic provider. The provider's code is named by a constant string instead of
 * being serialised into the state: an edit of the code is no update of the resource (pulumi#12401), and read and delete run the
 * code that is installed now, not the one that was stored (pulumi#16826).
 */
export abstract class LvsResource extends pulumi.CustomResource {
  protected constructor(kind: string, name: string, inputs: pulumi.Inputs, opts: pulumi.CustomResourceOptions) {
    super(
      `pulumi-nodejs:dynamic/lvs:${kind}`,
      name,
      { ...inputs, __provider: `exports.handler = () => require("pulumi-lvs/provider").provider("${kind}")` },
      opts,
    );
  }
}

/** The arguments that everything on a host has. */
export interface HostResourceArgs {
  /** The host it is on. Another host (by its name) is a replacement. */
  host: Host;
}

/**
 * Something on a host. It is looked at, changed where it differs, and looked at again. Outputs are what was seen on the
 * host last; what was declared is there in its normal form, as the host's own tools print it.
 */
export abstract class HostResource extends LvsResource {
  /** The machine-id of the machine that answered (machine-id(5)): says when another machine took over the address. */
  declare readonly machine: pulumi.Output<string>;

  protected constructor(
    kind: string,
    name: string,
    host: Host,
    inputs: pulumi.Inputs,
    opts: pulumi.CustomResourceOptions = {},
  ) {
    super(
      kind,
      name,
      { ...inputs, host: host.connection, owner: ownerOf(name), machine: undefined },
      pulumi.mergeOptions(host.options, opts),
    );
  }
}

/** Who declares it: the host's ledger keeps this, so that two stacks can need the same thing. */
function ownerOf(name: string): string {
  return `${pulumi.getProject()}/${pulumi.getStack()}/${name}`;
}
