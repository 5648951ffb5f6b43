// What the command `pulumi-lvs` asks hosts and does there. The resources come from a stack's state.
export type { DeclaredHost } from "../host/declared";
export { LvsError } from "../host/errors";
export { type Claim, claimsOn, releaseClaims } from "./claims";
export { hostOf, type Resource } from "./resource";
