import * as pulumi from "@pulumi/pulumi";
import type { Host } from "./host";
import { LvsResource } from "./resource";

/** What the requests must show. */
export interface TrafficExpectation {
  /**
   * The servers and their weights: every one with a weight above 0 answers, and nobody else.
   * @example { rs1: 1, rs2: 1 }
   */
  servers?: pulumi.Input<Record<string, pulumi.Input<number>>>;
  /**
   * How far each server's share of the answers may be from its weight's share.
   * @default shares are not judged
   * @example 0.1
   */
  tolerance?: pulumi.Input<number>;
  /**
   * How many requests may fail.
   * @default 0
   */
  failures?: pulumi.Input<number>;
}

/** The arguments of a `TrafficCheck`. */
export interface TrafficCheckArgs {
  /**
   * What to request.
   * @example "http://172.17.111.117/"
   */
  url: pulumi.Input<string>;
  /**
   * How many requests to send, each over a connection of its own.
   * @default 20
   */
  requests?: pulumi.Input<number>;
  /**
   * The host that sends them. A real server or the director does not see what clients see.
   * @default where Pulumi runs
   */
  from?: Host;
  /**
   * The header of the answer that names the server.
   * @default "X-Backend"
   */
  header?: pulumi.Input<string>;
  /**
   * Seconds to wait for each answer.
   * @default 10
   */
  timeout?: pulumi.Input<number>;
  /**
   * Seconds to go on trying until the expectation holds.
   * @default 120
   */
  within?: pulumi.Input<number>;
  /** What the requests must show; the update fails with a readable table otherwise. */
  expect?: pulumi.Input<TrafficExpectation>;
  /**
   * Accepts any certificate: a self-signed one, for instance.
   * @default false
   */
  insecure?: pulumi.Input<boolean>;
  /**
   * The check runs again when these change. Give what is declared (addresses, weights), not what other resources put out.
   */
  triggers?: pulumi.Input<unknown[]>;
}

/**
 * Sends requests during `pulumi up`, counts which servers answer, and fails the update if that is not as expected. It runs
 * when it is made and when its arguments change; a refresh sends nothing.
 *
 * @example
 * ```ts
 * new TrafficCheck(
 *   "traffic",
 *   { url: "http://172.17.111.117/", expect: { servers: { rs1: 1, rs2: 1 }, tolerance: 0.1 } },
 *   { dependsOn: cluster },
 * );
 * ```
 */
export class TrafficCheck extends LvsResource {
  declare readonly url: pulumi.Output<string>;
  declare readonly requests: pulumi.Output<number>;
  declare readonly header: pulumi.Output<string>;
  declare readonly timeout: pulumi.Output<number>;
  declare readonly within: pulumi.Output<number>;
  declare readonly expect: pulumi.Output<pulumi.Unwrap<TrafficExpectation> | undefined>;
  declare readonly insecure: pulumi.Output<boolean>;
  declare readonly triggers: pulumi.Output<unknown[] | undefined>;
  /** How many answers came from each server. */
  declare readonly distribution: pulumi.Output<Record<string, number>>;
  /** How many requests failed. */
  declare readonly failed: pulumi.Output<number>;
  /** The distribution, to be read by people. */
  declare readonly table: pulumi.Output<string>;

  constructor(name: string, args: TrafficCheckArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { url, requests, from, header, timeout, within, expect, insecure, triggers } = args;
    const sending = { url, requests, header, timeout, within, insecure, host: from?.connection };
    const seen = { distribution: undefined, failed: undefined, table: undefined };
    super(
      "TrafficCheck",
      name,
      { ...sending, expect, triggers, ...seen },
      pulumi.mergeOptions(from?.options ?? {}, opts),
    );
  }
}
