// The vocabulary of Linux Virtual Server: what addresses, ports, weights, marks and schedulers are, their one spelling, and why
// something is none. It is pure, and shared by what declares (the SDK) and what judges and acts (the provider).

export * from "./address";
export * from "./device";
export * from "./host-port";
export * from "./match";
export * from "./ports";
export * from "./postgresql-name";
export * from "./problem";
export * from "./ranges";
export * from "./scheduler";
