import type { Kind } from "../reconcile/kind";
import type { Several } from "../reconcile/several";
import { bgpAnnouncement } from "./bgp-announcement";
import { connectionSync } from "./connection-sync";
import { file } from "./file";
import { firewallMark } from "./firewall-mark";
import { firewallRule } from "./firewall-rule";
import { forwardRule } from "./forward-rule";
import { healthChecks } from "./health-checks";
import { ipvsTimeouts } from "./ipvs-timeouts";
import { kernelModule } from "./kernel-module";
import { link } from "./link";
import { linkMtu } from "./link-mtu";
import { masquerade } from "./masquerade";
import { packageKind } from "./package";
import { postgresqlDatabase } from "./postgresql-database";
import { postgresqlRole } from "./postgresql-role";
import { release } from "./release";
import { route } from "./route";
import { routingRule } from "./routing-rule";
import { sysctl } from "./sysctl";
import { sysctls } from "./sysctls";
import { systemUser } from "./system-user";
import { systemdService } from "./systemd-service";
import { vipAlias } from "./vip-alias";
import { virtualService } from "./virtual-service";
import { vrrpInstance } from "./vrrp-instance";

/** The table of kinds. */
export const kinds: ReadonlyMap<string, Kind> = new Map(
  [
    bgpAnnouncement,
    connectionSync,
    file,
    firewallMark,
    firewallRule,
    forwardRule,
    healthChecks,
    ipvsTimeouts,
    kernelModule,
    link,
    linkMtu,
    masquerade,
    packageKind,
    postgresqlDatabase,
    postgresqlRole,
    release,
    route,
    routingRule,
    sysctl,
    systemUser,
    systemdService,
    vipAlias,
    virtualService,
    vrrpInstance,
  ].map((kind) => [kind.name, kind as unknown as Kind]),
);

/** The resources that declare several things of one kind. */
export const severals: ReadonlyMap<string, Several> = new Map(
  [sysctls].map((one) => [one.name, one as unknown as Several]),
);
