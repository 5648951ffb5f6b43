import type { Kind } from "../kind";
import { kernelModule } from "./kernel-module";
import { masquerade } from "./masquerade";
import { route } from "./route";
import { sysctl } from "./sysctl";
import { virtualService } from "./virtual-service";

/** The table of kinds. */
export const kinds: ReadonlyMap<string, Kind> = new Map(
  [kernelModule, masquerade, route, sysctl, virtualService].map((kind) => [kind.name, kind as unknown as Kind]),
);
