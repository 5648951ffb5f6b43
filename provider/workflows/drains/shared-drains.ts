import { z } from "zod";
import { type DeclaredHost, declaredHost } from "../../host/declared";
import { isDown } from "../../host/errors";
import { withSession } from "../../host/pool";
import { isDrained } from "../../ipvs/maintenance";
import type { OperatorNote } from "../../model";
import type { Props } from "../../pulumi/handler";
import type { Workflow } from "../../pulumi/workflow";
import { address, once } from "../../reconcile/inputs";
import { catchUp, owed } from "../rollout/catch-up";
import type { Director } from "../rollout/director";
import { allServices, type DirectorView, lookAtDirector } from "../rollout/director-view";
import { Directors } from "../rollout/directors";

export interface SharedDrainsInputs {
  /** The name of the cluster. */
  site: string;
  /** The VIPs by which clients reach the cluster. */
  vips: string[];
  directors: DeclaredHost[];
}

const inputs = z.object({
  site: z.string().min(1),
  vips: z.array(address),
  directors: z
    .array(declaredHost)
    .min(2, "two directors at least")
    .superRefine(once("name", ({ name }) => name)),
}) as unknown as z.ZodType<SharedDrainsInputs>;

/** Seconds for which the connections of a server are waited for, on a director that learns late that the server is drained. */
const PATIENCE = 300;

/**
 * A real server that an operator has drained is out on every director of a cluster. A director that was down meanwhile, or that is
 * new, learns of it when this runs. It runs when the directors change, and where a refresh has seen a director that does not know.
 */
export const sharedDrains: Workflow<SharedDrainsInputs> = {
  name: "SharedDrains",
  inputs,
  outputs: ["drained", "late"],
  // Hosts have private keys.
  secrets: ["directors"],
  id: ({ site }) => `shared-drains/${site}`,
  triggers: ({ directors, ...rest }) => ({
    ...rest,
    directors: (directors as { name?: unknown }[] | undefined)?.map(({ name }) => name),
  }),

  async run(want) {
    const all = directorsOf(want);
    const say = (words: string) => console.log(`${want.site}: ${words}`);
    const drain = { timeout: PATIENCE, onTimeout: "cut" } as const;
    const work = (some: readonly Director[]) =>
      new Directors(some, "operator", { drain, onDirectorDown: "tell" }, withSession, say);
    const before = await seen(want);
    const hasChanged = await catchUp(all, before.views, work);
    return outputs(want, hasChanged ? await seen(want) : before);
  },

  async look(want) {
    const now = await seen(want);
    for (const one of owed(now.views))
      if (one.late.length > 0)
        console.log(
          `warning: ${one.late.join(" and ")} missed that ${one.address} ${one.note ? "is drained" : "was brought back"}. ` +
            "The next `pulumi up` makes up for it",
        );
    return outputs(want, now);
  },
};

function directorsOf({ directors, vips }: SharedDrainsInputs): Director[] {
  return directors.map((host) => ({ host, scope: allServices(vips) }));
}

interface Shown {
  /** Of the directors that were reached. */
  readonly views: readonly DirectorView[];
  /** The names of the others. */
  readonly down: readonly string[];
}

async function seen(want: SharedDrainsInputs): Promise<Shown> {
  const looks = await Promise.all(
    directorsOf(want).map(({ host, scope }) =>
      withSession(host, (session) => lookAtDirector(session, scope)).catch((error) => {
        if (!isDown(error)) throw error;
        console.log(`warning: ${error.message}`);
        return host.name;
      }),
    ),
  );
  return {
    views: looks.filter((one) => typeof one !== "string"),
    down: looks.filter((one) => typeof one === "string"),
  };
}

/** Where a director has to learn something, the next run goes on. One that is down may have to, where a server is out or was. */
function outputs(want: SharedDrainsInputs, { views, down }: Shown): Props {
  const drains = views.flatMap(({ out }) => out.filter(isDrained));
  const notes = drains.map(({ address: server, note }): [string, Partial<OperatorNote>] => [server, note ?? {}]);
  const all = want.directors.map(({ name }) => name);
  const owing = owed(views).flatMap(({ late }) => late);
  const absent = down.filter(
    (name) => drains.length > 0 || views.some(({ missed }) => missed.some(({ directors }) => directors.includes(name))),
  );
  const late = all.filter((name) => owing.includes(name) || absent.includes(name));
  return { drained: Object.fromEntries(notes), late, ...(late.length > 0 && { incomplete: true }) };
}
