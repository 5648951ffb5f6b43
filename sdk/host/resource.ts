import { createRequire } from "node:module";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "pulumi-lvs-provider/model";
import { refuse } from "../arguments/argument-error";
import { argumentsOf, behind, hints, host, refuseShape } from "../arguments/shape";
import type { Host } from "./host";

/**
 * Registers one kind of thing with Pulumi's dynamic provider. A constant string names the provider's code, so the code
 * is not serialised into the state. A change of the code is therefore no update of the resource (pulumi#12401). Read
 * and delete run the installed code, and no code that was stored earlier (pulumi#16826).
 */
export abstract class LvsResource extends pulumi.CustomResource {
  protected constructor(kind: string, name: string, inputs: pulumi.Inputs, opts: pulumi.CustomResourceOptions) {
    refuse(`${kind} "${name}"`, [...providerProblems(), ...(opts.import === undefined ? [] : [cannotImport])]);
    // Pulumi keeps a stack trace of each promise, to debug itself: a third of what it takes to register a resource.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      super(
        `pulumi-nodejs:dynamic/lvs:${kind}`,
        name,
        { ...inputs, __provider: `exports.handler = () => require("pulumi-lvs/provider").provider("${kind}")` },
        opts,
      );
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  }
}

/**
 * Pulumi loads the provider from the project's folder, not from where this file lies. In the layout of pnpm a project has only
 * what its own package.json names there.
 */
function providerProblems(): Problem[] {
  const project = process.cwd();
  if (found.has(project)) return [];
  try {
    createRequire(join(project, "index.js")).resolve("pulumi-lvs/provider");
    found.add(project);
    return [];
  } catch {
    return [{ property: "__provider", reason: `Pulumi does not find pulumi-lvs from ${project}: ${inProject}` }];
  }
}

/** The projects where it was found: to look again for each resource takes as long as to check its arguments. */
const found = new Set<string>();

/** Whoever asks what a program would register is in no project, and no engine looks for the provider there. */
export function withoutProject(): void {
  found.add(process.cwd());
}

const inProject =
  "a package in between brings it along, and the project itself does not have it. Add it there: npm install pulumi-lvs, " +
  "or pnpm add pulumi-lvs, yarn add pulumi-lvs, bun add pulumi-lvs";

// Pulumi's dynamic provider has no import: it fails before it asks this package's provider.
const cannotImport = {
  property: "import",
  reason:
    "Pulumi cannot import this kind. Leave the option out: creating takes over what is there already, changes only what " +
    "differs, and keeps what was found",
};

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

  /**
   * @param args the arguments: the host, and what `inputs` names
   * @param outputs what is told beside the inputs
   */
  // biome-ignore lint/complexity/useMaxParams: Pulumi's own order, which ends with the options; few kinds have outputs besides.
  protected constructor(
    kind: string,
    name: string,
    args: HostResourceArgs,
    inputs: pulumi.Inputs,
    opts: pulumi.CustomResourceOptions = {},
    outputs: pulumi.Inputs = {},
  ) {
    const frame = { host, ...("advice" in inputs && { advice: hints }), ...("behind" in inputs && { behind }) };
    refuseShape(`${kind} "${name}"`, argumentsOf(frame, inputs), args);
    const owner = ownerOf(name, opts.parent);
    super(
      kind,
      name,
      { ...inputs, ...outputs, host: args.host.connection, owner, machine: undefined },
      pulumi.mergeOptions(pulumi.mergeOptions(args.host.options, opts), DECLARED_IS_SECRET),
    );
  }
}

/** What is declared, where a refresh has seen something else. Pulumi knows a secret by the name of its property alone. */
const DECLARED_IS_SECRET: pulumi.CustomResourceOptions = { additionalSecretOutputs: ["declared"] };

/**
 * The name of the owner: the stack and the resource, with the types of its parents as in the resource's URN. The host's
 * ledger keeps the name, so that two stacks, or two components, can need the same thing.
 */
function ownerOf(name: string, parent: pulumi.Resource | undefined): pulumi.Input<string> {
  const stack = `${pulumi.getProject()}/${pulumi.getStack()}`;
  if (!parent) return `${stack}/${name}`;
  // The output must not carry the parent: a resource that depends on its component would wait for itself.
  const urn = new Promise<string>((resolve) => parent.urn.apply(resolve));
  return urn.then((of) => {
    const [, , types = ""] = of.split("::");
    return types === STACK ? `${stack}/${name}` : `${stack}/${types}::${name}`;
  });
}

/** The type of the stack itself, which stands in no URN of a child. */
const STACK = "pulumi:pulumi:Stack";
