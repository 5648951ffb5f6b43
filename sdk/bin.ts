#!/usr/bin/env node
// The command that npm installs with the package.
import { main, type Sdk } from "pulumi-lvs-cli";

// The SDK is loaded where a command needs it: it takes longer than the rest together.
const register: Sdk["register"] = async (...given) => (await import("./registered.js")).register(...given);

void main(process.argv.slice(2), { register });
