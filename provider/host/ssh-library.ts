import type { NodeSSH } from "node-ssh";

// A preview reaches no host. So the library is loaded when the first host is dialled.

export function ssh2(): typeof import("ssh2") {
  return require("ssh2");
}

export function newSsh(): NodeSSH {
  const { NodeSSH } = require("node-ssh") as typeof import("node-ssh");
  return new NodeSSH();
}
