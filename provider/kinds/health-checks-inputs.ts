import { z } from "zod";
import { checkedServices } from "../ipvs/checked-services";
import { checkerDaemon } from "../ipvs/checker-daemon";
import { drain } from "../ipvs/drain";
import { whyNoChecksName } from "../model";
import { loadedFiles } from "../reconcile/inputs";

// What is declared of a daemon that checks the health of destinations.

export const declaration = z.object({
  // The site whose own keepalived keeps the services. Without one, the host's ldirectord does.
  keepalived: z
    .string()
    .superRefine((name, context) => {
      const why = whyNoChecksName(name);
      if (why) context.addIssue({ code: "custom", message: `"${name}" ${why}` });
    })
    .optional(),
  // The properties of a systemd service. They are here so that a daemon that was stopped by hand shows as a difference.
  enabled: z.boolean().default(true),
  running: z.boolean().default(true),
  configuration: loadedFiles,
  services: checkedServices,
  patience: z.number().min(1).max(3600).default(35),
  drain,
});

export type Want = z.output<typeof declaration>;

/** What the checks want of their daemon. */
export function daemonOf({ keepalived, enabled, running, configuration }: Want, verb: "reload" | "restart" = "reload") {
  return { unit: checkerDaemon(keepalived).unit, enabled, running, configuration, reload: verb };
}
