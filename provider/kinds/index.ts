import type { Kind } from "../kind";
import { file } from "./file";
import { healthChecks } from "./health-checks";
import { kernelModule } from "./kernel-module";
import { masquerade } from "./masquerade";
import { packageKind } from "./package";
import { route } from "./route";
import { sysctl } from "./sysctl";
import { systemdService } from "./systemd-service";
import { virtualService } from "./virtual-service";

/** The table of kinds. */
export const kinds: ReadonlyMap<string, Kind> = new Map(
  [file, healthChecks, kernelModule, masquerade, packageKind, route, sysctl, systemdService, virtualService].map(
    (kind) => [kind.name, kind as unknown as Kind],
  ),
);
