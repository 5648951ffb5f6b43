import type { Value } from "../pulumi/value";
import { password } from "./password";
import { tlsCertificate } from "./tls-certificate";

/** The table of values. */
export const values: ReadonlyMap<string, Value> = new Map(
  [password, tlsCertificate].map((value) => [value.name, value as unknown as Value]),
);
