import { z } from "zod";
import { normalSetting, whyNoSetting } from "../linux/setting-forms";
import { boot } from "../reconcile/inputs";
import type { Several } from "../reconcile/several";
import { type Setting, settingKey, settingValue, sysctl } from "./sysctl";

type Settings = Readonly<Record<string, string>>;

const declaration = z.object({
  settings: z
    .record(z.string(), settingValue)
    .superRefine((settings, context) => {
      const problem = (message: string, ...path: string[]) => context.addIssue({ code: "custom", message, path });
      if (Object.keys(settings).length === 0)
        problem('names no setting: give at least one, like "net.ipv4.ip_forward": 1');
      const before = new Map<string, string>();
      for (const key of Object.keys(settings)) {
        const { data: normal, error } = settingKey.safeParse(key);
        if (normal === undefined) problem(error?.issues[0]?.message ?? "is no setting", key);
        else if (before.has(normal)) problem(`the same setting as ${before.get(normal)}: leave one out`, key);
        else before.set(normal, key);
        const why = normal && whyNoSetting(normal, settings[key] as string);
        if (why) problem(why, key);
      }
    })
    .transform(
      (settings): Settings =>
        Object.fromEntries(
          Object.entries(settings).map(([spelled, value]) => {
            const key = settingKey.parse(spelled);
            return [key, normalSetting(key, value)];
          }),
        ),
    ),
  boot,
});

type Want = z.output<typeof declaration>;

/** Kernel settings that mean nothing alone. The ledger has each by itself, under the name that a `Sysctl` of it has. */
export const sysctls: Several<Want, Setting> = {
  name: "Sysctls",
  inputs: declaration as unknown as z.ZodType<Want>,
  property: "settings",
  of: sysctl as unknown as Several<Want, Setting>["of"],
  things: ({ settings, boot }) =>
    Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, { key, value, boot }])),
  report: (_, seen) => ({
    settings: Object.fromEntries([...seen].map(([key, one]) => [key, one?.value ?? ""])),
    boot: [...seen.values()].every((one) => one?.boot),
  }),
};
