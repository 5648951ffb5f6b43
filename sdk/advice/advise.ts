import * as pulumi from "@pulumi/pulumi";
import { type AdviceName, type Finding, isAddress, type Problem, sentence } from "pulumi-lvs-provider/model";
import type { AdviceArgs, AdviceHints } from "../arguments/advice-args";
import { plain } from "../arguments/plain";
import type { Host } from "../host/host";
import type { HostFacts } from "./site-rules";

/** The findings that make a declaration impossible. */
export function errorsOf(findings: readonly Finding[]): Problem[] {
  return findings.filter(({ severity }) => severity === "error");
}

type Hears = (warning: string, resource: pulumi.Resource) => unknown;

/** Who hears a warning: Pulumi's engine, which shows it with the resource. */
let hears: Hears = (warning, resource) => pulumi.log.warn(warning, resource);

/** Has somebody else hear the warnings, where no engine does. Returns what ends that. */
export function heardBy(other: Hears): () => void {
  const before = hears;
  hears = other;
  return () => {
    hears = before;
  };
}

/**
 * Tells the warnings among the findings, as diagnostics of the resource: a preview shows them already.
 *
 * @param silent who may have silenced them: what declares them, and the host that they are about
 */
export function warn(
  resource: pulumi.Resource,
  about: string,
  findings: readonly Finding[],
  ...silent: (AdviceArgs | undefined)[]
): void {
  const ignored = new Set<AdviceName>(silent.flatMap((args) => args?.ignore ?? []));
  for (const finding of findings)
    if (finding.severity === "warning" && !ignored.has(finding.name)) hears(sentence(about, finding), resource);
}

/** What `up` has to know, without what is not told. */
export function hintsOf({ ignore: _, ...hints }: AdviceArgs & AdviceHints): AdviceHints {
  return hints;
}

/** A host as far as the program knows it now. Behind another port than SSH's own, the address may be somebody else's. */
export function hostFacts({ name, args }: Host): HostFacts {
  const address = args.address === undefined ? name : plain(args.address);
  const direct = args.port === undefined || plain(args.port) === 22;
  return { name, address: direct && address && isAddress(address) ? address : undefined };
}
