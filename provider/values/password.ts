import { randomBytes, randomInt } from "node:crypto";
import { z } from "zod";
import type { Value } from "../pulumi/value";
import { numberOr } from "../reconcile/inputs";

// These characters need no escaping in a URL, in a .pgpass, in an environment file and in a shell's word.
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

interface Want {
  length: number;
  triggers?: unknown[] | undefined;
}

// 16 of these characters have 95 bits of entropy.
const range = "give a length of 16 to 256 characters";

const inputs: z.ZodType<Want> = z.object({
  length: numberOr(range).int(range).min(16, range).max(256, range).default(32),
  triggers: z.array(z.unknown()).optional(),
});

/** A random text. It is made once and kept in the stack's state as a secret. */
export const password: Value<Want> = {
  name: "Password",
  inputs,
  declares: ["length", "triggers"],
  secrets: ["triggers"],
  async make({ length }) {
    return { id: randomBytes(8).toString("hex"), outputs: { value: draw(length) } };
  },
};

function draw(length: number): string {
  return Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
}
