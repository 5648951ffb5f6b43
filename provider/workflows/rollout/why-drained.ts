import type { DeclaredHost } from "../../host/declared";
import { isDown } from "../../host/errors";
import { holderInWords } from "../../ipvs/maintenance";
import type { WhyDrained } from "../../pulumi/left-out";
import type { Reach } from "./director";
import { allServices, type DirectorView, lookAtDirector } from "./director-view";
import { drainedOn } from "./holding";

/** Asks the directors that are reached whether an operator has taken a real server out of all their tables. */
export function whyDrained(reach: Reach): WhyDrained {
  return async ({ address, directors }) => drainIn(await viewsOf(directors, reach), address);
}

/** What those of the directors show that are reached. */
export async function viewsOf(directors: readonly DeclaredHost[], reach: Reach): Promise<DirectorView[]> {
  const looks = directors.map((host) =>
    reach(host, (session) => lookAtDirector(session, allServices())).catch((error) => {
      if (isDown(error)) return undefined;
      throw error;
    }),
  );
  return (await Promise.all(looks)).filter((view) => view !== undefined);
}

/** Why an operator has taken a real server out of all these tables, in words; undefined where it may have clients. */
export function drainIn(views: readonly DirectorView[], address: string): string | undefined {
  const drain = drainedOn(views, address);
  return drain && holderInWords(drain);
}
