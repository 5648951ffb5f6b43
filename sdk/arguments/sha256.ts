import { createHash } from "node:crypto";

/** The digest in hexadecimal, as `SystemdService` and `HealthChecks` take digests of files. */
export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
