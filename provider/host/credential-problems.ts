import type { Problem } from "../model";
import type { DeclaredHost } from "./declared";
import { whyNoHostKey } from "./host-key";

/**
 * What is wrong with the keys of a host, as far as their texts say so: a preview asks no host. A state may have such keys, and what
 * it declares has to be deleted all the same, so they are no matter of the schema.
 */
export function credentialProblems({ privateKey, privateKeyFile, hostKey, jump }: DeclaredHost): Problem[] {
  const wrong = {
    privateKey: privateKey === undefined ? undefined : whyNoPrivateKey(privateKey),
    privateKeyFile: privateKeyFile?.endsWith(".pub")
      ? "names the file of a public key: give that of the private one, without .pub"
      : undefined,
    hostKey: hostKey === undefined ? undefined : whyNoHostKey([hostKey].flat()),
  };
  return [
    ...Object.entries(wrong).flatMap(([property, reason]) => (reason === undefined ? [] : [{ property, reason }])),
    ...(jump ? credentialProblems(jump) : []).map((one) => ({ ...one, property: `jump.${one.property}` })),
  ];
}

/** The text is not said, because it may be a key. */
function whyNoPrivateKey(text: string): string | undefined {
  if (text.includes("-----BEGIN"))
    return text.includes("\\n") && !text.includes("\n")
      ? "has the two signs \\n where its lines end: put line ends in their place"
      : undefined;
  if (/^\s*(ssh|ecdsa|sk)-\S+ /.test(text)) return "is a public key: give the private one";
  if (/^(~|\.{0,2}\/|\$|[A-Za-z]:\\)/.test(text)) return "is the path of a file: give it as privateKeyFile";
  return undefined;
}
