import { counted, type Problem, type Rule } from "../../model";

/** What an expectation is judged by. */
export interface ExpectationFacts {
  readonly url: string | readonly string[];
  readonly sources?: readonly string[] | undefined;
  readonly requests: number;
  readonly expect: {
    readonly servers?: Readonly<Record<string, number>> | undefined;
    readonly tolerance?: number | undefined;
    readonly failures: number;
    readonly persistence?: boolean | undefined;
    readonly spread?: number | undefined;
  };
}

/** What no round of requests can show. */
export const expectationRule: Rule<ExpectationFacts> = {
  name: "expectation",
  severity: "error",
  cause: "no round of requests can show that, and the check would fail after its time",
  cure: "Send more requests, from more sources, or expect less",
  judge({ url, sources, requests, expect: { servers, tolerance, failures, persistence, spread = 0 } }) {
    const clients = sources?.length ?? 1;
    const total = clients * requests * [url].flat().length;
    const weights = Object.values(servers ?? {});
    const answering = weights.filter((weight) => weight > 0).length;
    const most = Math.min(total, persistence ? clients : total);
    const who = persistence ? `${counted(clients, "client")} with persistence` : counted(total, "request");
    return [
      ...(answering > most ? say("servers", `${who} cannot reach ${counted(answering, "server")}`) : []),
      ...(spread > most ? say("spread", `${who} cannot see ${counted(spread, "server")}`) : []),
      ...(servers && spread > answering
        ? say("servers", `${counted(answering, "server")} may answer, and by spread ${spread} must`)
        : []),
      ...(weights.length > 0 && answering === 0 && failures < total
        ? say("servers", `no server may answer, and ${failures} of ${total} requests may fail`)
        : []),
      ...(tolerance !== undefined && failures === 0 && answering <= most
        ? shares(servers ?? {}, tolerance, total)
        : []),
    ];
  },
};

/** The servers whose share no whole number of answers is near enough to. */
function shares(servers: Readonly<Record<string, number>>, tolerance: number, total: number): Problem[] {
  const sum = Object.values(servers).reduce((all, weight) => all + weight, 0);
  return Object.entries(servers)
    .filter(([, weight]) => weight > 0)
    .flatMap(([name, weight]) => {
      const share = weight / sum;
      const nearest = Math.max(1, Math.round(share * total)) / total;
      if (Math.abs(nearest - share) <= tolerance + 1e-9) return [];
      return say("tolerance", `of ${counted(total, "request")} ${name} cannot get its share within ${tolerance}`);
    });
}

function say(property: string, reason: string): Problem[] {
  return [{ property: `expect.${property}`, reason }];
}
