#!/usr/bin/env node
// The command that npm installs with the package.
import { main } from "pulumi-lvs-cli";

void main(process.argv.slice(2));
