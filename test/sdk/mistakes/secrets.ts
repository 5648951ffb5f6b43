import type { Mistake } from "./scene";

/** What is made once and kept: certificates and passwords. */
export const secrets: readonly Mistake[] = [
  {
    mistake: "a certificate for no name",
    program: ({ TlsCertificate }) => new TlsCertificate("tls", { names: [] }),
    says: 'TlsCertificate "tls": names: ',
    by: "a check",
  },
  {
    mistake: "a certificate for a URL",
    program: ({ TlsCertificate }) => new TlsCertificate("tls", { names: ["https://www.example.org"] }),
    says: 'TlsCertificate "tls": names',
    by: "a check",
  },
  {
    mistake: "the name of a certificate as a text",
    program: ({ TlsCertificate }) => new TlsCertificate("tls", { names: "www.example.org" }),
    says: 'TlsCertificate "tls": names: is a text, and a list is needed',
    by: "a check",
  },
  {
    mistake: "a password that is too short",
    program: ({ Password }) => new Password("secret", { length: 4 }),
    says: 'Password "secret": length: ',
    by: "a check",
  },
  {
    mistake: "the length of a password as a text",
    program: ({ Password }) => new Password("secret", { length: "24" }),
    says: 'Password "secret": length: is a text, and a number is needed: leave out the quotes',
    by: "a check",
  },
];
