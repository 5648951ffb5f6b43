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

/** What is said of an instance and of its directors. */
export const sharedInputs = {
  instance: z.string().refine((name) => whyNoVrrpName(name) === undefined, "the name of a VRRP instance"),
  addresses: z.array(address).min(1, "give one address at least"),
  directors: z
    .array(declaredHost)
    .min(2, "two directors at least")
    .superRefine(once("name", ({ name }) => name)),
};

export const failoverInputs = z.object({
  ...sharedInputs,
  within: z.number().min(1).max(3600).default(30),
  triggers: z.array(z.unknown()).optional(),
}) as unknown as z.ZodType<FailoverInputs>;

export function hostOf({ directors }: Pick<FailoverInputs, "directors">, name: string): DeclaredHost {
  return directors.find((one) => one.name === name) as DeclaredHost;
}
