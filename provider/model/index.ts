// The vocabulary of Linux Virtual Server: what addresses, ports, weights, marks and schedulers are, how each is spelled, and
// why a value is not valid. The SDK and the provider share this code. All of it is pure.

export * from "./address";
export * from "./advice";
export * from "./bgp";
export * from "./counted";
export * from "./declaration";
export * from "./destination-text";
export * from "./device";
export * from "./host-name";
export * from "./host-port";
export * from "./keepalived-checks";
export * from "./match";
export * from "./operator-note";
export * from "./ports";
export * from "./postgresql-name";
export * from "./problem";
export * from "./ranges";
export * from "./refusal";
export { remembered, rememberedOf } from "./remembered";
export * from "./routing-table";
export * from "./scheduler";
export * from "./unfit";
export * from "./unknown";
export * from "./vrrp";
export { isNeeded, SUDO } from "./words";
