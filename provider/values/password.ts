import { randomBytes, randomInt } from "node:crypto";
import { z } from "zod";
import { declared } from "../pulumi/declaration";
import type { Handler, Props } from "../pulumi/handler";
import { same } from "../reconcile/equality";

// As it is, it can stand in a URL, in a .pgpass, in an environment file and in a shell's word.
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

interface Want {
  length: number;
  triggers?: unknown[] | undefined;
}

// 16 of these characters are 95 bits.
const range = "a password has 16 to 256 characters";

const inputs: z.ZodType<Want> = z.object({
  length: z.number({ message: range }).int(range).min(16, range).max(256, range).default(32),
  triggers: z.array(z.unknown()).optional(),
});

/** A random text that is made once and kept in the stack's state, as a secret. */
export const password: Handler = {
  async check(_, news) {
    const { want, problems } = declared(inputs, news);
    return { inputs: { ...news, ...want }, failures: [...problems] };
  },

  async diff(_, olds, news) {
    const replaces = ["length", "triggers"].filter((key) => !same(olds[key], news[key]));
    return { changes: replaces.length > 0, replaces, deleteBeforeReplace: false };
  },

  async create(props) {
    const want = inputs.parse(choose(props));
    return { id: randomBytes(8).toString("hex"), outs: { ...want, value: draw(want.length) } };
  },

  async read(id, stored) {
    return { id, props: stored, inputs: choose(stored) };
  },
};

function draw(length: number): string {
  return Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
}

// Nothing undefined: the engine does not take it.
function choose({ length, triggers }: Props): Props {
  return { length, ...(triggers !== undefined && { triggers }) };
}
