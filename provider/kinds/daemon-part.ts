import { z } from "zod";
import { loadedFiles } from "../reconcile/inputs";

// A named part of a daemon's configuration, like an instance of VRRP: the daemon runs, and has loaded the part's file.

/** @param whyNoName why a text cannot be the part's name; undefined if it can */
export function daemonPart(whyNoName: (name: string) => string | undefined) {
  return z.object({
    name: z.string().superRefine((name, context) => {
      const why = whyNoName(name);
      if (why) context.addIssue({ code: "custom", message: `"${name}" ${why}` });
    }),
    // The properties of a systemd service. They are here so that a daemon that was stopped by hand shows as a difference.
    enabled: z.boolean().default(true),
    running: z.boolean().default(true),
    configuration: loadedFiles,
  });
}

/** What a part wants of its daemon. */
export function daemonOf(unit: string, { enabled, running, configuration }: z.output<ReturnType<typeof daemonPart>>) {
  return { unit, enabled, running, configuration, reload: "reload" as const };
}
