import { isDown } from "../../host/errors";
import { holderInWords } from "../../ipvs/maintenance";
import type { WhyDrained } from "../../pulumi/left-out";
import { allServices, lookAtDirector } from "./director-view";
import type { Reach } from "./directors";
import { drainedOn } from "./holding";

/** Asks the directors that are reached whether an operator has taken a real server out of all their tables. */
export function whyDrained(reach: Reach): WhyDrained {
  return async ({ address, directors }) => {
    const looks = directors.map((host) =>
      reach(host, (session) => lookAtDirector(session, allServices())).catch((error) => {
        if (isDown(error)) return undefined;
        throw error;
      }),
    );
    const views = (await Promise.all(looks)).filter((view) => view !== undefined);
    const drain = drainedOn(views, address);
    return drain && holderInWords(drain);
  };
}
