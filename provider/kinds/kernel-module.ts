import { z } from "zod";
import { sh } from "../host/command";
import { fact } from "../host/fact";
import { boot } from "../reconcile/inputs";
import type { Kind } from "../reconcile/kind";
import { about } from "../reconcile/kind";

interface Want {
  module: string;
  /** Always true. The property is here so that a module that was unloaded shows as a difference. */
  loaded: true;
  boot: boolean;
}

/** A kernel module that is loaded now and at boot. A delete leaves the module loaded, because other programs may use it. */
export const kernelModule: Kind<Want, { loaded: boolean }> = {
  name: "KernelModule",
  inputs: z.object({
    module: z
      .string()
      .regex(/^\w[\w-]{0,54}$/, 'a module\'s name is like "ip_vs": give one, without options')
      .transform((name) => name.replaceAll("-", "_")),
    loaded: z.literal(true).default(true),
    boot,
  }),
  identity: (want) => want.module,

  // A built-in module without parameters has no folder in /sys/module. Only modules.builtin names such a module. The kernel
  // knows no alias: modprobe says which modules it stands for.
  look(change) {
    const script = `there() { [ -d "/sys/module/$1" ] || tr - _ <"/lib/modules/$(uname -r)/modules.builtin" 2>/dev/null | grep -q "/$1[.]ko$"; }
    there "$1" && exit
    modules=$(modprobe -qR "$1" 2>/dev/null | tr - _) && [ -n "$modules" ] || exit 1
    for module in $modules; do there "$module" || exit 1; done`;
    return fact(sh(script, about(change).module), ({ exit }) => ({ loaded: exit === 0 }));
  },

  plan: ({ want }, seen) =>
    want && !seen.loaded
      ? [
          {
            run: { argv: ["modprobe", want.module] },
            purpose: `loading the kernel module ${want.module}`,
            advice: ({ exit, stderr }) =>
              exit === 127
                ? "The host has no modprobe: install the package kmod"
                : /not found|could not (open|find)/i.test(stderr)
                  ? `The running kernel has no module ${want.module}: install a kernel that has it (Debian: linux-image-amd64, ` +
                    `Rocky and Alma: kernel-modules) and boot it${/[A-Z]/.test(want.module) ? `, or write ${want.module.toLowerCase()}: capitals count` : ""}`
                  : undefined,
          },
        ]
      : [],
  report: (_, seen) => ({ loaded: seen.loaded }),
  boot: ({ module }) => [{ path: `/etc/modules-load.d/lvs-${module}.conf`, text: `${module}\n` }],
};
