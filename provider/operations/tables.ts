import type { DeclaredHost } from "../host/declared";
import { byHost, isTable, type Resource } from "./resource";
import { type HostStatus, hostStatus, notRead, type Status } from "./status";

/** The directors' tables of a stack, again and again. A director that has been lost holds up none of the others. */
export class Tables {
  /** What was asked of a host, by its name, and is not answered yet. */
  readonly #asked = new Map<string, Promise<HostStatus>>();

  constructor(private readonly resources: readonly Resource[]) {}

  /**
   * Looks at every director.
   *
   * @param within seconds. A host that has not answered by then is shown without a table, and is not asked twice: its answer belongs to
   *   the next look. Default: as long as each host takes
   */
  async look(within?: number): Promise<Status> {
    const hosts = byHost(this.resources).filter(({ own }) => own.some(isTable));
    return {
      hosts: await Promise.all(
        hosts.map(({ host, own }) => {
          const answer = this.#ask(host.name, () => hostStatus(host, own, true));
          return within === undefined ? answer : inTime(answer, within, host);
        }),
      ),
    };
  }

  #ask(name: string, ask: () => Promise<HostStatus>): Promise<HostStatus> {
    const asked = this.#asked.get(name) ?? ask().finally(() => this.#asked.delete(name));
    this.#asked.set(name, asked);
    return asked;
  }
}

function inTime(answer: Promise<HostStatus>, within: number, host: DeclaredHost): Promise<HostStatus> {
  const error = `host ${host.name} (${host.address}): no answer within ${within} s. It may be down, or busy`;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(notRead(host, error)), within * 1000);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
