import { z } from "zod";
import { sh } from "../host/command";
import { boot } from "../reconcile/inputs";
import type { Kind } from "../reconcile/kind";

interface Want {
  module: string;
  /** Always true; here so that a module that went away shows as a difference. */
  loaded: true;
  boot: boolean;
}

/** A kernel module, loaded now and at boot. Deleting leaves it loaded: others may use it by now. */
export const kernelModule: Kind<Want, { loaded: boolean }> = {
  name: "KernelModule",
  inputs: z.object({
    module: z
      .string()
      .regex(/^[\w-]+$/, 'a module\'s name is like "ip_vs"')
      .transform((name) => name.replaceAll("-", "_")),
    loaded: z.literal(true).default(true),
    boot,
  }),
  identity: (want) => want.module,

  // A module with parameters shows in /sys/module even when it is built in; one without shows in modules.builtin alone.
  observe: ({ had, want }) => [
    sh(
      `[ -d "/sys/module/$1" ] || tr - _ <"/lib/modules/$(uname -r)/modules.builtin" 2>/dev/null | grep -q "/$1[.]ko$"`,
      (want ?? had)?.module as string,
    ),
  ],
  read: ([reply]) => ({ loaded: reply?.exit === 0 }),

  plan: ({ want }, seen) =>
    want && !seen.loaded
      ? [
          {
            run: { argv: ["modprobe", want.module] },
            purpose: `loading the kernel module ${want.module}`,
            advice: ({ stderr }) =>
              /not found|could not (open|find)/i.test(stderr)
                ? `The running kernel has no module ${want.module}: install a kernel that has it (Debian: linux-image-amd64, ` +
                  "Rocky and Alma: kernel-modules) and boot it"
                : undefined,
          },
        ]
      : [],
  report: (_, seen) => ({ loaded: seen.loaded }),
  boot: ({ module }) => [{ path: `/etc/modules-load.d/lvs-${module}.conf`, text: `${module}\n` }],
};
