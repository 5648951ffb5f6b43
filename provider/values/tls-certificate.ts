import { X509Certificate as NodeCertificate, webcrypto } from "node:crypto";
import { z } from "zod";
import { isAddress, isHostName, normalAddress } from "../model";
import type { Props } from "../pulumi/handler";
import type { Value } from "../pulumi/value";

const DAY = 86_400_000;

export interface CertificateInputs {
  names: string[];
  commonName: string;
  days: number;
  earlyRenewalDays?: number | undefined;
}

export interface Certificate {
  /** PEM. */
  certificate: string;
  /** PEM, PKCS #8. */
  privateKey: string;
  /** ISO 8601. */
  notAfter: string;
}

/** A "*" stands for the first label alone (RFC 6125). */
function isCertifiable(name: string): boolean {
  return isAddress(name) || isHostName(name.replace(/^\*\./, ""));
}

const inputs: z.ZodType<CertificateInputs> = z
  .object({
    names: z
      .array(
        z
          .string()
          .refine(isCertifiable, "is neither a DNS name nor an address: write it like www.example.org, or 192.0.2.1")
          .transform(normalAddress),
      )
      .min(1, "give at least one DNS name or address"),
    commonName: z
      .string()
      .regex(/^[^\p{C}]{1,64}$/u, "a common name has 1 to 64 characters, and no line end among them: give such a one")
      .optional(),
    // Some clients accept 825 days at most: https://support.apple.com/en-us/103769
    days: z.number().int().min(1, "give 1 to 36500 days").max(36500, "give 1 to 36500 days").default(825),
    // Not filled in: a state of before has none, and shows no change.
    earlyRenewalDays: z.number().int().min(0, "give days before its end, 0 or more").optional(),
  })
  .refine(({ days, earlyRenewalDays }) => earlyRenewalDays === undefined || earlyRenewalDays < days, {
    path: ["earlyRenewalDays"],
    message: "give less than `days`: otherwise each `up` would make a new certificate",
  })
  .transform((given) => ({ ...given, commonName: given.commonName ?? commonNameOf(given.names) }));

/** A common name has at most 64 characters (X.520). Clients find a longer name among the alternative names. */
function commonNameOf([first = ""]: readonly string[]): string {
  return first.slice(0, 64);
}

/** Half of all modules of the provider. They are loaded when a certificate is made. */
function x509(): typeof import("@peculiar/x509") {
  return require("@peculiar/x509");
}

/** A self-signed server certificate (X.509 v3, ECDSA P-256). */
export async function createCertificate({ names, commonName, days }: CertificateInputs): Promise<Certificate> {
  const {
    BasicConstraintsExtension,
    cryptoProvider,
    ExtendedKeyUsage,
    ExtendedKeyUsageExtension,
    KeyUsageFlags,
    KeyUsagesExtension,
    PemConverter,
    SubjectAlternativeNameExtension,
    SubjectKeyIdentifierExtension,
    X509CertificateGenerator,
  } = x509();
  cryptoProvider.set(webcrypto);
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  // The certificate is valid since one hour, so that a host whose clock is late accepts the certificate at once.
  const notBefore = new Date(Math.floor(Date.now() / 1000) * 1000 - 3600_000);
  const notAfter = new Date(notBefore.getTime() + 3600_000 + days * DAY);
  const made = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [commonName] }],
    keys,
    signingAlgorithm: algorithm,
    notBefore,
    notAfter,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(
        names.map((name) => ({ type: isAddress(name) ? ("ip" as const) : ("dns" as const), value: name })),
      ),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const privateKey = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    certificate: `${made.toString("pem").trimEnd()}\n`,
    privateKey: `${PemConverter.encode(privateKey, "PRIVATE KEY").trimEnd()}\n`,
    notAfter: notAfter.toISOString(),
  };
}

/** Why the certificate in the state has to be renewed; undefined if it has not. */
function renewal({ names, days, earlyRenewalDays }: CertificateInputs, { notAfter }: Props): string | undefined {
  const end = Date.parse(String(notAfter));
  // A certificate for a few days would otherwise be due from its first day on.
  const early = earlyRenewalDays ?? Math.min(30, Math.floor(days / 3));
  const left = Math.floor((end - Date.now()) / DAY);
  if (Number.isNaN(end) || end - Date.now() > early * DAY) return undefined;
  const when = left < 0 ? `ended on ${notAfter}` : `ends on ${notAfter}, in ${left} days`;
  return `the certificate for ${names.join(", ")} ${when}: \`up\` makes a new one, which clients that trust this one have to be given`;
}

/** A certificate. It is made once and kept in the stack's state, until its end is near. */
export const tlsCertificate: Value<CertificateInputs> = {
  name: "TlsCertificate",
  inputs,
  declares: ["names", "commonName", "days"],
  renewal: { property: "notAfter", due: renewal },
  async make(want) {
    const made = await createCertificate(want);
    return { id: new NodeCertificate(made.certificate).fingerprint256, outputs: { ...made } };
  },
};
