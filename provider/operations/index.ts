// What the command `pulumi-lvs` asks hosts and does there. The resources come from a stack's state.
export { type DeclaredHost, declaredHost } from "../host/declared";
export { LvsError } from "../host/errors";
export { parseSpelled, parseTable } from "../ipvs/ipvsadm";
export type { Service, Table } from "../ipvs/table";
export { type Claim, claimsOn, releaseClaims } from "./claims";
export { foresee } from "./foresee";
export { type Around, addressesOf, lookAround } from "./look-around";
export { hostOf, type Resource } from "./resource";
