import * as pulumi from "@pulumi/pulumi";
import { hosts } from "./hosts";
import { oneLan, shopLan, twoArm } from "./machines";

// The machines of an experiment with nothing on them: to boot a lab first, or to see a site go and the hosts be as before.
const machines = { oneLan, shopLan, twoArm };
hosts<string>(machines[new pulumi.Config().get<keyof typeof machines>("machines") ?? "twoArm"]);
