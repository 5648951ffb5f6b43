import { kinds, severals } from "../../provider/kinds";
import type { Handler, Props } from "../../provider/pulumi/handler";
import { kindHandler, severalHandler } from "../../provider/pulumi/kind-handler";
import type { Kind } from "../../provider/reconcile/kind";

/** A resource in a stack, through the calls that Pulumi's engine makes. */
export class Declared {
  readonly #handler: Required<Handler>;

  constructor(
    readonly kind: string,
    public inputs: Props,
    public owner: string,
    /** What the stack's state has; undefined if the resource is not in the state. */
    public state?: Props,
    readonly host: Props = { name: "memory", address: "192.0.2.1" },
  ) {
    const several = severals.get(kind);
    const handler = several ? severalHandler(several) : kindHandler(kinds.get(kind) as Kind);
    this.#handler = handler as Required<Handler>;
  }

  /** The same resource with a state of its own: the replacement, a copy, the one of another stack. */
  as(owner: string, inputs: Props = {}, host: Props = {}): Declared {
    const { state, kind } = this;
    return new Declared(kind, { ...this.inputs, ...inputs }, owner, state, { ...this.host, ...host });
  }

  async checked(): Promise<Props> {
    const { inputs, failures } = await this.#handler.check({}, { ...this.inputs, host: this.host, owner: this.owner });
    if (failures.length > 0) throw new Error(JSON.stringify(failures));
    return inputs;
  }

  /** Whether a preview shows a change. */
  async changes(): Promise<boolean> {
    return (await this.#handler.diff("id", this.state as Props, await this.checked())).changes;
  }

  async create(): Promise<this> {
    this.state = (await this.#handler.create(await this.checked())).outs;
    return this;
  }

  async update(): Promise<void> {
    this.state = (await this.#handler.update("id", this.state as Props, await this.checked())).outs;
  }

  async refresh(): Promise<void> {
    this.state = (await this.#handler.read("id", this.state as Props)).props;
  }

  /** Like `pulumi up --replace`: the new one is created before the original is deleted. */
  async replace(): Promise<void> {
    const original = this.as(this.owner);
    await this.create();
    await original.delete();
  }

  async delete(): Promise<void> {
    await this.#handler.delete("id", this.state as Props);
  }
}
