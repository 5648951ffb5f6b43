import * as pulumi from "@pulumi/pulumi";
import type { Host } from "./host";

/**
 * Registers one kind of thing with Pulumi's dynamic provider. A constant string names the provider's code, so the code
 * is not serialised into the state. A change of the code is therefore no update of the resource (pulumi#12401). Read
 * and delete run the installed code, and no code that was stored earlier (pulumi#16826).
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
  /** The host. Another host (another name) is a replacement. */
  host: Host;
}

/**
 * Something on a host. The provider looks at it, changes it where it differs, and looks again. The outputs are what was
 * seen on the host last. Declared values are there in their normal form, as the host's own tools print them.
 */
export abstract class HostResource extends LvsResource {
  /**
   * The machine-id of the machine that answered (machine-id(5)). It shows when another machine has taken over the
   * address.
   */
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
      pulumi.mergeOptions(pulumi.mergeOptions(host.options, opts), APART),
    );
  }
}

/** What is declared, where a refresh has seen something else. Pulumi knows a secret by the name of its property alone. */
const APART: pulumi.CustomResourceOptions = { additionalSecretOutputs: ["declared"] };

/** The name of the owner. The host's ledger keeps the name, so that two stacks can need the same thing. */
function ownerOf(name: string): string {
  return `${pulumi.getProject()}/${pulumi.getStack()}/${name}`;
}
