import { readdirSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";

// Each file is one experiment, except these, which experiments share.
const notExperiments = ["hosts", "index", "machines", "router", "web-servers"];

const experiments = readdirSync(__dirname)
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"))
  .map((file) => file.slice(0, -".ts".length))
  .filter((name) => !notExperiments.includes(name));

const experiment = new pulumi.Config().get("experiment") ?? pulumi.getStack();

if (!experiments.includes(experiment))
  throw new pulumi.RunError(
    `There is no experiment "${experiment}". There are: ${experiments.join(", ")}. Choose one by ` +
      "`pulumi config set experiment nat`, or name the stack after it.",
  );

module.exports = require(`./${experiment}`);
