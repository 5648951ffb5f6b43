import { z } from "zod";
import { type DeclaredHost, declaredHost } from "../../host/declared";
import { whyNoVrrpName } from "../../model";
import { address, once } from "../../reconcile/inputs";

export interface FailoverInputs {
  /** The instance of VRRP that lets the addresses float. */
  instance: string;
  addresses: string[];
  directors: DeclaredHost[];
  /** Seconds until one director must have the addresses. */
  within: number;
  triggers?: unknown[] | undefined;
}

export const failoverInputs = z.object({
  instance: z.string().refine((name) => whyNoVrrpName(name) === undefined, "the name of a VRRP instance"),
  addresses: z.array(address).min(1, "one address at least"),
  directors: z
    .array(declaredHost)
    .min(2, "two directors at least")
    .superRefine(once("name", ({ name }) => name)),
  within: z.number().min(1).max(3600).default(30),
  triggers: z.array(z.unknown()).optional(),
}) as unknown as z.ZodType<FailoverInputs>;
