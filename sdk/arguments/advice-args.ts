import type * as pulumi from "@pulumi/pulumi";
import type { AdviceName, ServedPort } from "pulumi-lvs-provider/model";

/** What `up` has to know for its advice about a host. It stands in no state, and a change of it changes nothing. */
export interface AdviceHints {
  /**
   * The address that clients connect to, or by which the director reaches a real server.
   * @default not known
   */
  address?: pulumi.Input<string>;
  /**
   * The ports that are served there, like 443 or `"443/udp"`: `up` warns of a firewall that drops them.
   * @default not known
   */
  ports?: pulumi.Input<ServedPort>[];
  /**
   * The address to which the real servers' default route leads.
   * @default not known
   */
  gateway?: pulumi.Input<string>;
  /**
   * The interface on the director's side.
   * @default not known
   */
  device?: string;
  /**
   * Whether `address` and `gateway` float between directors (`Keepalived`): a director that stands by has neither.
   * @default false
   */
  floats?: boolean;
}

/** What a program does about advice: see docs/advice.md for the rules and their names. */
export interface AdviceArgs {
  /**
   * The rules whose warnings are not told. An error cannot be silenced.
   * @default none
   * @example ["tunnel-mtu"]
   */
  ignore?: AdviceName[];
}
