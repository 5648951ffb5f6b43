import { kinds } from "../../provider/kinds";
import type { Kind } from "../../provider/reconcile/kind";

const kernelModule = kinds.get("KernelModule") as Kind;
const want = kernelModule.inputs.parse({ module: "ip_vs" });

test("a name in capitals is told that they count", () => {
  const [step] = kernelModule.plan({ want: kernelModule.inputs.parse({ module: "IP_VS" }) }, { loaded: false });
  const stderr = "modprobe: FATAL: Module IP_VS not found in directory /lib/modules/6.1";
  expect(step?.advice?.({ exit: 1, stdout: "", stderr })).toMatch(/ or write ip_vs: capitals count$/);
});

test.each([
  [127, "sh: 1: modprobe: not found", "The host has no modprobe: install the package kmod"],
  [
    1,
    "modprobe: FATAL: Module ip_vs not found in directory /lib/modules/6.1",
    /^The running kernel has no module ip_vs: /,
  ],
  [1, "modprobe: ERROR: could not insert 'ip_vs': Operation not permitted", undefined],
])("what helps where modprobe ends with %i: %s", (exit, stderr, cure) => {
  const [step] = kernelModule.plan({ want, had: undefined, found: undefined }, { loaded: false });
  const said = step?.advice?.({ exit, stdout: "", stderr });
  if (cure instanceof RegExp) expect(said).toMatch(cure);
  else expect(said).toBe(cure);
});
