#!/usr/bin/env node
// The command that npm installs with the package.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { main, type Sdk } from "pulumi-lvs-cli";

// The SDK is loaded where a command needs it: it takes longer than the rest together.
const register: Sdk["register"] = async (...given) => (await import("./registered.js")).register(...given);

const { version } = JSON.parse(readFileSync(join(__dirname, "..", "package.json"), "utf8")) as { version: string };

void main(process.argv.slice(2), { register, version });
