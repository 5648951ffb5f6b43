import * as pulumi from "@pulumi/pulumi";
import { hosts } from "./hosts";
import { oneLan, shopLan, twoArm } from "./machines";

// Experiment: the machines of an experiment with nothing on them. Use this to boot a lab before an experiment, or to see that a
// site goes and the hosts are as before.
const machines = { oneLan, shopLan, twoArm };
hosts<string>(machines[new pulumi.Config().get<keyof typeof machines>("machines") ?? "twoArm"]);
