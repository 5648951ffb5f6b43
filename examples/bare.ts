import * as pulumi from "@pulumi/pulumi";
import { hosts } from "./hosts";
import { oneLan, twoArm } from "./machines";

// The machines of an experiment with nothing on them: to boot a lab first, or to see a site go and the hosts be as before.
hosts(new pulumi.Config().get("machines") === "oneLan" ? oneLan : twoArm);
