import { randomInt } from "node:crypto";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Execution, ExecutionResult } from "../../provider/host/execution";
import type { Handler, Props } from "../../provider/pulumi/handler";
import type { Provider } from "./engine";
import { loadedAnew } from "./loaded-anew";

/** What happens to a trip: its connection is cut, the provider is killed, or its host loses power. */
export type Fault = "cut" | "kill" | "power";

const thorough = Boolean(process.env.LVS_THOROUGH);

/** The provider's process is gone. Nothing of its work reaches the state. */
export class Killed extends Error {
  constructor() {
    super("the provider was killed");
  }
}

/** A relay in front of a host's SSH port. The relay can cut the connections. */
export class Relay {
  readonly #sockets = new Set<Socket>();
  private constructor(private readonly server: Server) {}

  /** Opens a relay on this machine's loopback. */
  static async to(address: string): Promise<Relay> {
    const server = createServer();
    const relay = new Relay(server);
    server.on("connection", (near) => {
      const far = connect(22, address);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        relay.#sockets.add(one);
        one
          .on("error", () => {})
          .on("close", () => {
            relay.#sockets.delete(one);
            other.destroy();
          });
        one.setNoDelay().pipe(other);
      }
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    return relay;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  close(): void {
    this.cut();
    this.server.close();
  }
}

/**
 * Starts providers and puts faults into their trips to hosts. A trip is the nth of an operation on a resource. In each
 * phase a fault can happen only in the first run that makes the trip. The next run does what a fault interrupted.
 *
 * With LVS_THOROUGH every fault happens in every trip of every resource, or in one trip of every operation on a kind.
 * Otherwise the resources of one kind count as one, and chance decides about each fault.
 */
export class Faults {
  /** How often each fault happened. */
  readonly struck: Record<string, number> = {};
  /** Where the last fault happened. */
  last = "nowhere";
  readonly #met = new Set<string>();
  #phase = "";

  constructor(
    private readonly kinds: readonly Fault[],
    /** The probability of a fault, where chance decides. */
    private readonly chance: number,
    /** Faults in every trip of every resource, or in one trip of every operation on a kind. */
    private readonly every: "trip" | "kind",
    /** What a fault does to the connection to a host, by the host's name. */
    private readonly strike: (host: string, fault: Fault) => Promise<void>,
  ) {}

  /** How many faults happened so far. */
  get count(): number {
    return Object.values(this.struck).reduce((sum, times) => sum + times, 0);
  }

  /** Faults happen only during `work`. Each phase has its own. */
  async during<T>(phase: string, work: () => Promise<T>): Promise<T> {
    this.#phase = phase;
    try {
      return await work();
    } finally {
      this.#phase = "";
    }
  }

  /** Whether the fault happens in this trip. A fault happens there at most once. */
  #strikes(fault: Fault, operation: string, trip: number): boolean {
    const there = `${fault} ${this.#phase} ${operation}${this.every === "trip" ? ` trip ${trip}` : ""}`;
    if (this.#met.has(there)) return false;
    // An operation looks in its first trip, and acts from the second trip on.
    if (this.every === "kind" && trip === 1 && randomInt(2) === 0) return false;
    this.#met.add(there);
    return thorough || Math.random() < this.chance;
  }

  /** Starts a provider's process. */
  start = (): Provider => {
    let killed = false;
    let die: (error: Error) => void = () => {};
    const death = new Promise<never>((_, reject) => {
      die = reject;
    });
    death.catch(() => {});
    let operation = "";
    let trips = 0;
    let host = "";

    const fault = async (trip: number, run: () => Promise<ExecutionResult>): Promise<ExecutionResult> => {
      const chosen = this.#phase && this.kinds.find((kind) => this.#strikes(kind, operation, trip));
      if (!chosen) return run();
      this.last = `${chosen} in ${this.#phase}: ${operation} trip ${trip}`;
      const running = run();
      running.catch(() => {});
      // The fault happens at a random moment: often in the middle of the trip, sometimes when all is done and only the
      // answer is lost.
      await Promise.race([running.catch(() => {}), sleep(randomInt(0, 300))]);
      this.struck[chosen] = (this.struck[chosen] ?? 0) + 1;
      killed = chosen === "kill";
      await this.strike(host, chosen);
      if (killed) {
        die(new Killed());
        return new Promise(() => {});
      }
      await running;
      // The host has answered already, but the answer is lost.
      throw new modules.Lost("the connection was closed");
    };

    const modules = loadProvider((Session, Connection) => {
      const { run: ask } = Session.prototype;
      Session.prototype.run = function (this: { name: string }, ...rest: unknown[]) {
        host = this.name;
        return ask.apply(this, rest);
      };
      const { run } = Connection.prototype;
      Connection.prototype.run = function (this: object, execution: Execution) {
        if (killed) return new Promise(() => {});
        return fault(++trips, () => run.call(this, execution) as Promise<ExecutionResult>);
      };
    });

    const untilDeath = <T>(verb: string, kind: string, of: Props, work: () => Promise<T>): Promise<T> => {
      operation = thorough && this.every === "trip" ? `${verb} ${kind} ${of.owner}` : `${verb} ${kind}`;
      trips = 0;
      return Promise.race([work(), death]);
    };
    return {
      closeIdle: modules.closeIdle,
      provider: (kind): Handler => {
        const real = modules.provider(kind);
        return {
          ...real,
          create: (inputs) => untilDeath("create", kind, inputs, () => real.create(inputs)),
          update: async (id, olds, news) =>
            untilDeath("update", kind, news, async () => (await real.update?.(id, olds, news)) ?? { outs: news }),
          delete: (id, state) => untilDeath("delete", kind, state, async () => real.delete?.(id, state)),
        };
      },
    };
  };
}

interface Class {
  // biome-ignore lint/suspicious/noExplicitAny: whatever the class's own run takes
  prototype: { run: (...args: any[]) => Promise<any> };
}

interface Modules extends Provider {
  Lost: new (message: string) => Error;
}

/** Loads the provider's modules anew, and passes the classes of their connections to `open`. */
function loadProvider(open: (session: Class, connection: Class) => void): Modules {
  return loadedAnew(() => {
    const connection = require("../../provider/host/connection") as { Connection: Class };
    const { Lost } = require("../../provider/host/execution") as { Lost: Modules["Lost"] };
    const session = require("../../provider/host/session") as { HostSession: Class };
    open(session.HostSession, connection.Connection);
    return { ...require("../../provider/index"), ...require("../../provider/host/pool"), Lost };
  });
}
