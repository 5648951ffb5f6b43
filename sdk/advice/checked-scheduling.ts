import { type Finding, judge } from "pulumi-lvs-provider/model";
import { type SchedulingFacts, schedulingRules } from "./scheduling-rules";

/** A virtual service that a health checker keeps, with every value known. */
interface CheckedService {
  readonly scheduler?: string | undefined;
  readonly onePacket?: boolean | undefined;
  readonly real: Readonly<
    Record<string, { readonly forwarding: string; readonly weight?: number; readonly upperThreshold?: number }>
  >;
}

/**
 * What is known to fail in how a health checker's service chooses.
 *
 * @param property the path of the service: `virtuals["99"]`
 */
export function schedulingAdvice(property: string, { scheduler = "wrr", onePacket, real }: CheckedService): Finding[] {
  const servers = Object.entries(real).map(([server, { weight = 1, upperThreshold }]) => ({
    property: `${property}.real["${server}"]`,
    weight,
    upperThreshold,
  }));
  const translates = Object.values(real).some(({ forwarding }) => forwarding === "nat");
  const facts: SchedulingFacts = { scheduler, servers };
  return judge(schedulingRules, onePacket && translates ? { ...facts, untranslated: `${property}.onePacket` } : facts);
}
