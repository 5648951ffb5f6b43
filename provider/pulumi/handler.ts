import type { Problem } from "../model";

export type Props = Record<string, unknown>;

/**
 * The methods that Pulumi's dynamic-provider process calls. They are those of `pulumi.dynamic.ResourceProvider`, and stand here
 * because this package does not depend on Pulumi. check and diff must not do I/O: the engine calls them one at a time.
 */
export interface Handler {
  check(olds: Props, news: Props): Promise<{ inputs: Props; failures: Problem[] }>;
  diff(
    id: string,
    olds: Props,
    news: Props,
  ): Promise<{ changes: boolean; replaces?: string[]; deleteBeforeReplace?: boolean }>;
  create(inputs: Props): Promise<{ id: string; outs: Props }>;
  /** The result has no id if the resource is gone. */
  read?(id: string, stored: Props): Promise<{ id?: string; props?: Props; inputs?: Props }>;
  update?(id: string, olds: Props, news: Props): Promise<{ outs: Props }>;
  delete?(id: string, stored: Props): Promise<void>;
}
