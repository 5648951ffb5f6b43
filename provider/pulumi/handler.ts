import type { Problem } from "../model";

export type Props = Record<string, unknown>;

/**
 * What Pulumi's dynamic-provider process calls: the methods of a `pulumi.dynamic.ResourceProvider`, spelled out here because
 * nothing in this package depends on Pulumi. check and diff are called one at a time and must not do I/O.
 */
export interface Handler {
  check(olds: Props, news: Props): Promise<{ inputs: Props; failures: Problem[] }>;
  diff(
    id: string,
    olds: Props,
    news: Props,
  ): Promise<{ changes: boolean; replaces?: string[]; deleteBeforeReplace?: boolean }>;
  create(inputs: Props): Promise<{ id: string; outs: Props }>;
  /** No id: it is gone. */
  read?(id: string, stored: Props): Promise<{ id?: string; props?: Props; inputs?: Props }>;
  update?(id: string, olds: Props, news: Props): Promise<{ outs: Props }>;
  delete?(id: string, stored: Props): Promise<void>;
}
