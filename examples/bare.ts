import { hosts } from "./hosts";
import { twoArm } from "./machines";

// The machines of experiment 1 with nothing on them: to boot a lab first, or to see a site go and the hosts be as before.
hosts(twoArm);
