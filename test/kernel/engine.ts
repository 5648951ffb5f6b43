import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import type { Handler, Props } from "../../provider/pulumi/handler";
import { loadedAnew } from "./loaded-anew";

/** What a stack's state has about a resource. */
export interface Made {
  readonly kind: string;
  readonly name: string;
  readonly id: string;
  /** The inputs as checked, from the last time they were applied. */
  readonly inputs: Props;
  readonly state: Props;
}

/** What the engine does with one resource: "create VirtualService shop-80". */
export type Operation = `${"create" | "update" | "replace" | "delete"} ${string}`;

/** A provider's process. It remembers nothing of former processes. */
export interface Provider {
  provider(kind: string): Handler;
  closeIdle(): void;
}

export function newProvider(): Provider {
  return loadedAnew(() => ({ ...require("../../provider/index"), ...require("../../provider/host/pool") }));
}

/**
 * A small engine in place of Pulumi's. The engine registers the resources of a program of the SDK. It calls the
 * provider's real handlers: check, diff, create, update, read and delete. Each resource comes after those that it
 * depends on. The engine has no aliases, no import and no targets: these are tested with Pulumi itself.
 */
export class Stack {
  /** The resources in the order of registration. Each comes after those that it depends on. */
  made: readonly Made[] = [];

  constructor(
    readonly name = "test",
    /** Starts the provider. Each run calls this, because a run is a process of its own. */
    private readonly start: () => Provider = newProvider,
    readonly project = "kernel",
  ) {}

  /**
   * Like `pulumi up`. After a failure the state has what was done, and the rest was not begun.
   *
   * @param taints kinds whose resources are replaced, changed or not, as by `--replace` and `pulumi state taint`
   */
  async up(program: () => unknown, taints: (kind: string) => boolean = () => false): Promise<Operation[]> {
    const process = this.start();
    const run = new Run(process, this.made, false, taints);
    try {
      await this.register(program, (resource) => run.bring(resource));
      await run.finish();
      return run.operations;
    } finally {
      this.made = run.state();
      process.closeIdle();
    }
  }

  /** Returns what `up` would do. No host is asked. */
  preview(program: () => unknown): Promise<Operation[]> {
    return this.#foresee(this.start(), program);
  }

  /** Like `pulumi refresh`. Returns the resources that differ from the state or are gone. */
  refresh(): Promise<string[]> {
    return this.#look(this.start());
  }

  async #foresee(process: Provider, program: () => unknown): Promise<Operation[]> {
    const run = new Run(process, this.made, true);
    await this.register(program, (resource) => run.bring(resource));
    await run.finish();
    return run.operations;
  }

  /**
   * The resources of a host are looked at together, as by Pulumi's engine. The hosts follow each other: they have one CPU, and
   * what runs on them (keepalived) would be late.
   */
  async #look(process: Provider): Promise<string[]> {
    const look = async (one: Made) => {
      const handler = process.provider(one.kind);
      return handler.read ? await handler.read(one.id, one.state) : { id: one.id, props: one.state };
    };
    const seen = new Map<Made, PromiseSettledResult<Awaited<ReturnType<typeof look>>>>();
    for (const host of new Set(this.made.map(hostOf))) {
      const all = this.made.filter((one) => hostOf(one) === host);
      for (const [i, answer] of (await Promise.allSettled(all.map(look))).entries()) seen.set(all[i] as Made, answer);
    }
    process.closeIdle();
    const differ: string[] = [];
    const now: Made[] = [];
    for (const one of this.made) {
      const answer = seen.get(one);
      if (answer?.status !== "fulfilled") throw answer?.reason;
      const { id, props } = answer.value;
      if (!id || JSON.stringify(props) !== JSON.stringify(one.state)) differ.push(`${one.kind} ${one.name}`);
      if (id) now.push({ ...one, id, state: props as Props });
    }
    this.made = now;
    return differ;
  }

  /** Like `pulumi destroy`. */
  async destroy(): Promise<Operation[]> {
    return this.up(() => {});
  }

  /** Returns what a refresh and a preview in the same run would show, as `pulumi preview --refresh` does. */
  async drift(program: () => unknown): Promise<Operation[]> {
    const process = this.start();
    await this.#look(process);
    return this.#foresee(process, program);
  }

  /** The state of one resource. */
  state(kind: string, name?: string): Props {
    const found = this.made.filter((one) => one.kind === kind && (!name || one.name === name));
    if (found.length !== 1) throw new Error(`${found.length} of ${kind} ${name ?? ""}`);
    return (found[0] as Made).state;
  }

  /** Runs the program. The outputs of each resource are what `bring` makes of its inputs. */
  private async register(
    program: () => unknown,
    bring: (resource: Registration) => Promise<{ id: string; state: Props }>,
  ): Promise<void> {
    // The mocks pass on deserialised inputs. Only the request itself has what Pulumi's engine gets: secrets with their
    // signature.
    const sent = new Map<string, Props>();
    const original = MockMonitor.prototype.registerResource;
    const spy = jest.spyOn(MockMonitor.prototype, "registerResource").mockImplementation(function (
      this: MockMonitor,
      request,
      callback,
    ) {
      sent.set(`${request.getType()} ${request.getName()}`, plain(request.getObject().toJavaScript()) as Props);
      return original.call(this, request, callback);
    });
    try {
      await pulumi.runtime.setMocks(
        {
          call: ({ inputs }) => inputs,
          newResource: async ({ type, name, inputs }) => {
            const kind = /^pulumi-nodejs:dynamic\/lvs:(.*)$/.exec(type)?.[1];
            if (!kind) return { id: name, state: inputs };
            const { __provider: _, ...given } = sent.get(`${type} ${name}`) as Props;
            return bring({ kind, name, given });
          },
        },
        this.project,
        this.name,
      );
      await program();
      await pulumi.runtime.disconnect();
    } finally {
      spy.mockRestore();
    }
  }
}

/** The host of a resource; a workflow, which spans hosts, is by itself. */
function hostOf({ kind, name, inputs: { host } }: Made): string {
  return (host as { name?: string } | undefined)?.name ?? `${kind} ${name}`;
}

interface Registration {
  readonly kind: string;
  readonly name: string;
  readonly given: Props;
}

/** One run of `up`. */
class Run {
  readonly operations: Operation[] = [];
  #failure: unknown;
  readonly #registered: string[] = [];
  /** The resources by kind and name, also those that failed half-way. */
  readonly #now: Map<string, Made>;
  readonly #replaced: Made[] = [];
  /** Operations run one after the other, so that what a test counts comes in the same order each time. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly process: Provider,
    before: readonly Made[],
    private readonly dry = false,
    private readonly taints: (kind: string) => boolean = () => false,
  ) {
    this.#now = new Map(before.map((one) => [`${one.kind} ${one.name}`, one]));
  }

  /** After the first failure no other operation begins. The program still runs to its end. */
  bring(resource: Registration): Promise<{ id: string; state: Props }> {
    const done = this.#turn.then(async () => {
      const key = `${resource.kind} ${resource.name}`;
      this.#registered.push(key);
      if (!this.#failure) {
        try {
          await this.#bring(key, resource);
        } catch (error) {
          this.#failure = error;
        }
      }
      const { id = resource.name, state = resource.given } = this.#now.get(key) ?? {};
      return { id, state };
    });
    this.#turn = done;
    return done;
  }

  /** Deletes what is no longer declared, in the reverse order, and the originals of replaced resources. */
  async finish(): Promise<void> {
    if (this.#failure) throw this.#failure;
    const gone = [...this.#now].filter(([key]) => !this.#registered.includes(key));
    for (const one of [...gone.map(([, made]) => made), ...this.#replaced].reverse()) {
      this.operations.push(`delete ${one.kind} ${one.name}`);
      if (this.dry) continue;
      await this.process.provider(one.kind).delete?.(one.id, one.state);
      if (this.#replaced.includes(one)) this.#replaced.splice(this.#replaced.indexOf(one), 1);
      else this.#now.delete(`${one.kind} ${one.name}`);
    }
  }

  /** The state that a later run finds. */
  state(): Made[] {
    const order = (key: string) => {
      const at = this.#registered.indexOf(key);
      return at < 0 ? Number.POSITIVE_INFINITY : at;
    };
    return [...this.#now].sort(([one], [other]) => order(one) - order(other) || 0).map(([, made]) => made);
  }

  async #bring(key: string, { kind, name, given }: Registration): Promise<void> {
    const handler = this.process.provider(kind);
    const had = this.#now.get(key);
    const { inputs, failures } = await handler.check(had?.inputs ?? {}, given);
    if (failures.length > 0)
      throw new Error(`${key}: ${failures.map((problem) => `${problem.property}: ${problem.reason}`).join("; ")}`);
    const make = async () => {
      const { id, outs } = await handler.create(inputs);
      return { id, state: outs };
    };
    const put = ({ id, state }: Pick<Made, "id" | "state">) => this.#now.set(key, { kind, name, id, inputs, state });
    const { changes, replaces = [] } = had ? await handler.diff(had.id, had.state, inputs) : { changes: true };
    const isTainted = had !== undefined && this.taints(kind);
    if (!changes && !isTainted) return;
    const verb = !had ? "create" : isTainted || replaces.length > 0 ? "replace" : "update";
    this.operations.push(`${verb} ${key}`);
    if (this.dry) return;
    try {
      if (had && verb === "update") {
        const { outs } = (await handler.update?.(had.id, had.state, inputs)) ?? { outs: inputs };
        put({ id: had.id, state: outs });
        return;
      }
      put(await make());
      if (had) this.#replaced.push(had);
    } catch (error) {
      // A failure after the first change carries the state.
      const { id, properties } = error as { id?: string; properties?: Props };
      if (id && properties) put({ id, state: properties });
      throw error;
    }
  }
}

/** The key that marks a secret on the wire (sdk/nodejs/runtime/rpc.ts, specialSigKey). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  if (SIGNATURE in value) return plain((value as { value?: unknown }).value);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
}
