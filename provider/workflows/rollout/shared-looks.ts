import type { Answer, Script, Session } from "../../host/command";

/**
 * Looks at one host that several wait for: each server of a batch asks its director by itself. Who asks while the same look is on
 * its way gets the next one, together with all others who do. So the host answers one after the other, however many ask.
 */
export class SharedLooks {
  readonly #last = new Map<string, Promise<unknown>>();
  readonly #next = new Map<string, Promise<Answer>>();

  /** The same session. What it looks at is shared. */
  of(session: Session): Session {
    return {
      name: session.name,
      run: (script) => (script.steps?.length || script.lock ? session.run(script) : this.#shared(session, script)),
      upload: (file, to) => session.upload(file, to),
      reconnect: () => session.reconnect(),
    };
  }

  #shared(session: Session, script: Script): Promise<Answer> {
    const key = JSON.stringify(script);
    const next = this.#next.get(key) ?? this.#afterLast(session, script, key);
    this.#next.set(key, next);
    return next;
  }

  async #afterLast(session: Session, script: Script, key: string): Promise<Answer> {
    await this.#last.get(key)?.catch(() => {});
    // Those whose pause ends at the same time ask in the same turn of the event loop.
    await new Promise((turn) => setImmediate(turn));
    this.#next.delete(key);
    const answer = session.run(script);
    this.#last.set(key, answer);
    return answer;
  }
}
