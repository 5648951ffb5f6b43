// What the command `pulumi-lvs` asks hosts and does there. The resources come from a stack's state.
export { type DeclaredHost, declaredHost } from "../host/declared";
export { HostError, isDown, LvsError } from "../host/errors";
export { closeAtOnce } from "../host/pool";
export { parseSpelled, parseTable, spelled } from "../ipvs/ipvsadm";
export type { Service, Table } from "../ipvs/table";
export { type Marking, parseMarking } from "../kinds/firewall-mark";
export {
  BIRD_PARTS,
  bracketed,
  destinationValues,
  type Match,
  matchKey,
  matchName,
  type OperatorNote,
  parseMatchKey,
} from "../model";
export { isFit } from "../workflows/failover/fit";
export { caughtBy, caughtText } from "./caught";
export { type Claim, claimsOn, releaseClaims } from "./claims";
export type { Difference } from "./differences";
export { type Checkup, checkup } from "./doctor";
export {
  addressesOf,
  type Balancer,
  balancer,
  type DirectorMove,
  type DrainOptions,
  drainServer,
  type Moves,
  returnServer,
  serversOf,
} from "./drain";
export type { AnnouncementStatus, InstanceStatus } from "./drawing";
export { foresee } from "./foresee";
export { type Fit, type GiveUpOptions, giveUpDirector, type HandedOver, isDirector, returnDirector } from "./hand-over";
export type { FailoverStatus } from "./holders";
export { type Around, lookAround, namedAddresses } from "./look-around";
export { byHost, hostOf, isTable, type Resource } from "./resource";
export type { DestinationStatus, ServiceStatus } from "./service-status";
export { type HostStatus, type Status, statusOf } from "./status";
export type { Wide } from "./table-wide";
export { Tables } from "./tables";
export { announceDirector, isAnnouncing, isHeard, othersAnnounce, type Withdrawn, withdrawDirector } from "./withdraw";
