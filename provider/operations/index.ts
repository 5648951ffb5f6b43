// What the command `pulumi-lvs` asks hosts and does there. The resources come from a stack's state.
export type { DeclaredHost } from "../host/declared";
export { LvsError } from "../host/errors";
export { closeIdle } from "../host/pool";
export type { MaintenanceNote } from "../ipvs/maintenance-note";
export { type Claim, claimsOn, releaseClaims } from "./claims";
export type { Difference } from "./differences";
export { type Checkup, checkup } from "./doctor";
export { addressesOf, type DrainOptions, drainServer, type Moved, returnServer, serversOf } from "./drain";
export { hostOf, type Resource } from "./resource";
export { type DestinationStatus, type HostStatus, type ServiceStatus, type Status, statusOf } from "./status";
