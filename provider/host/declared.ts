import { z } from "zod";
import { type AdviceName, hostAdvice, isEndpoint, isUnknown, previewAdvice, SUDO } from "../model";

/** How a host is reached, as declared. The same shape as `HostArgs` of the SDK. */
export interface DeclaredHost {
  /** The host's identity. A resource with another host name is replaced. */
  name: string;
  /** Name or address to connect to. Default: `name`. */
  address: string;
  port: number;
  user: string;
  /** Public host keys that are accepted ("ssh-ed25519 AAAA…"). Default: those of `knownHosts`. */
  hostKey?: string | string[] | undefined;
  /** A known_hosts file. Default: ~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts. */
  knownHosts?: string | undefined;
  /** `"off"` switches the verification of the host key off. */
  hostKeyChecking: "on" | "off";
  /** A private key (secret). */
  privateKey?: string | undefined;
  /** A file with a private key; a relative path is taken from the project's folder. */
  privateKeyFile?: string | undefined;
  /** The passphrase of the private key (secret). */
  passphrase?: string | undefined;
  /** The ssh-agent's socket, or `"off"`. Default: $SSH_AUTH_SOCK, used when neither key is given. */
  agent?: string | undefined;
  /** The user becomes root by sudo: `true` if sudo asks for no password. */
  sudo?: boolean | { password: string } | undefined;
  /** The host through which this one is reached. */
  jump?: DeclaredHost | undefined;
  /** Seconds to wait for SSH to answer and for first boot to finish. Default 60. */
  ready: number;
  /** What a delete and a refresh do if the host cannot be reached: fail, or forget the resource and leave it out. */
  onUnreachable: "fail" | "forget";
  /** The machine-id that is expected. Declaring another one says that the machine was replaced on purpose. */
  machine?: string | undefined;
  /** Stacks ("project/stack") that are gone, whose claims in the host's ledger do not count any more. */
  supersedes?: string[] | undefined;
  /** Which advice about the host is not told. */
  advice?: { readonly ignore?: readonly AdviceName[] | undefined } | undefined;
}

const CHECKING = { error: 'is none of "on", "off", which ssh calls "yes" and "no": choose one' };

const word = /^[A-Za-z0-9][\w.-]*$/;

export const declaredHost: z.ZodType<DeclaredHost> = z.lazy(() =>
  z
    .object({
      name: z.string().regex(word, "a host's name is letters, digits, dots, dashes and underscores"),
      address: z
        .string()
        .refine(
          isEndpoint,
          "is neither an address nor a host's name: write it like 192.0.2.1, without a user and a prefix",
        )
        .optional(),
      port: z.number().int().min(1).max(65535).default(22),
      user: z
        .string()
        .regex(/^[^\s\p{C}]{1,256}$/u, "is no user's name: give one without blanks, or leave it out, which means root")
        .default("root"),
      hostKey: z.union([z.string(), z.array(z.string())]).optional(),
      knownHosts: z.string().optional(),
      hostKeyChecking: z.enum(["on", "off"], CHECKING).default("on"),
      privateKey: z.string().optional(),
      privateKeyFile: z.string().optional(),
      passphrase: z.string().optional(),
      agent: z.string().optional(),
      sudo: z.union([z.boolean(), z.object({ password: z.string() })], { error: SUDO }).optional(),
      jump: declaredHost.optional(),
      ready: z.number().min(1).max(3600).default(60),
      onUnreachable: z.enum(["fail", "forget"]).default("fail"),
      machine: z
        .string()
        .regex(/^[0-9a-f]{32}$/, "a machine-id is 32 hexadecimal digits: give those of /etc/machine-id there")
        .optional(),
      supersedes: z.array(z.string().regex(/^[^/]+\/[^/]+$/, 'write a stack as "project/stack"')).optional(),
      advice: z.object({ ignore: z.array(z.enum([...previewAdvice, ...hostAdvice])).optional() }).optional(),
    })
    .superRefine(({ name, address }, context) => {
      const message = `"${name}" is no name of the DNS: say by which address the host is reached`;
      if (address === undefined && !isUnknown(name) && !isEndpoint(name))
        context.addIssue({ code: "custom", path: ["name"], message });
    })
    .transform((host) => ({ ...host, address: host.address ?? host.name })),
) as unknown as z.ZodType<DeclaredHost>;
