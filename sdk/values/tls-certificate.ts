import * as pulumi from "@pulumi/pulumi";
import { declares } from "../arguments/declares";
import { argumentsOf, given, refuseShape } from "../arguments/shape";
import { LvsResource } from "../host/resource";

/** The arguments of a `TlsCertificate`. */
export interface TlsCertificateArgs {
  /**
   * The DNS names and addresses that the certificate is valid for.
   * @example ["shop.example.org", "172.17.111.117"]
   */
  names: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * The subject's common name, at most 64 characters.
   * @default the first of `names`, cut to 64 characters
   */
  commonName?: pulumi.Input<string>;
  /**
   * Days until the certificate expires, 1 to 36500.
   * @default 825, the most that some clients accept (https://support.apple.com/en-us/103769)
   */
  days?: pulumi.Input<number>;
  /**
   * Days before its end from which on a preview shows that the certificate ends, and `pulumi up` makes a new one. Less than
   * `days`; with 0 a new one is made after the end.
   * @default 30, or a third of `days` if that is less
   */
  earlyRenewalDays?: pulumi.Input<number>;
}

/**
 * A self-signed certificate, generated once and kept in the state: one for all servers of a site. Any change of `names`,
 * `commonName` or `days` makes a new certificate, and so does `pulumi up` when the end of the present one is near
 * (`earlyRenewalDays`). Nothing renews a certificate without an `up`.
 *
 * @example
 * ```ts
 * const certificate = new TlsCertificate("site", { names: ["172.17.111.117"] });
 * new WebSite("rs1", { host: rs1, certificate });
 * ```
 */
@declares
export class TlsCertificate extends LvsResource {
  /** The DNS names and addresses that the certificate is valid for. */
  declare readonly names: pulumi.Output<string[]>;
  /** The subject's common name. */
  declare readonly commonName: pulumi.Output<string>;
  /** Days from the making of the certificate until it expires. */
  declare readonly days: pulumi.Output<number>;
  /** When the certificate ends, ISO 8601. */
  declare readonly notAfter: pulumi.Output<string>;
  /** The certificate, PEM (X.509, ECDSA P-256). */
  declare readonly certificate: pulumi.Output<string>;
  /** The private key, PEM (PKCS #8). A secret. */
  declare readonly privateKey: pulumi.Output<string>;

  constructor(name: string, args: TlsCertificateArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { names, commonName, days, earlyRenewalDays } = args;
    refuseShape(
      `TlsCertificate "${name}"`,
      argumentsOf({ names: given }, { commonName, days, earlyRenewalDays }),
      args,
    );
    super(
      "TlsCertificate",
      name,
      { names, commonName, days, earlyRenewalDays, notAfter: undefined, certificate: undefined, privateKey: undefined },
      pulumi.mergeOptions({ additionalSecretOutputs: ["privateKey"] }, opts),
    );
  }
}
