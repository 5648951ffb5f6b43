import { createHash } from "node:crypto";

/** In hexadecimal, as `SystemdService` and `HealthChecks` are told of files. */
export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
