import { z } from "zod";
import { type Reply, sh } from "../host/command";
import { LvsError } from "../host/errors";
import { fact } from "../host/fact";
import type { Kind } from "../reconcile/kind";
import { about } from "../reconcile/kind";

interface Want {
  user: string;
}

/** Whether the user exists. */
interface Seen {
  exists: boolean;
}

/** The accounts that each system has from its beginning, and nobody's, as whom other services run. */
const SHARED = [
  ...[
    "bin",
    "daemon",
    "sys",
    "sync",
    "adm",
    "lp",
    "mail",
    "news",
    "uucp",
    "man",
    "games",
    "operator",
    "shutdown",
    "halt",
  ],
  ...["nobody", "nfsnobody", "nogroup"],
];

/** A user for a service. It has no password, no shell and no home folder. */
export const systemUser: Kind<Want, Seen> = {
  name: "SystemUser",
  inputs: z.object({
    user: z
      .string()
      .regex(
        /^[a-z_][a-z0-9_-]{0,30}$/,
        'a user\'s name has small letters, digits, dashes and underscores, like "shop"',
      )
      .refine((name) => name !== "root", "root may do everything: give the service a user of its own")
      .refine(
        (name) => !SHARED.includes(name),
        "is every system's own, and others run as it too: give the service a user of its own",
      ),
  }),
  identity: (want) => want.user,

  look(change) {
    const { user } = about(change);
    const ask = sh(`uid=$(id -u -- "$1") || exit; if [ "$uid" = 0 ]; then echo root; else echo there; fi`, user);
    return fact(ask, ({ exit, stdout, stderr }) => {
      if (exit !== 0 && !/no such user|unknown user/i.test(stderr))
        throw new LvsError(
          `reading whether there is a user ${user}: ${stderr.trim() || `exit ${exit}`}. Does \`id\` work there?`,
        );
      if (change.want && stdout.trim() === "root")
        throw new LvsError(`user ${user} is root by another name there (uid 0): give the service a user of its own`);
      return { exists: stdout.trim() !== "" };
    });
  },

  plan({ had, want, found }, seen) {
    const { user } = (want ?? had) as Want;
    const wanted = want ? true : (found?.exists ?? false);
    if (wanted === seen.exists) return [];
    // Another run may have added the user since the look; that is no failure.
    const add = `id -u -- "$1" >/dev/null 2>&1 ||
      useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin -- "$1"`;
    const advice = ({ stderr }: Reply) =>
      /group .* exists/.test(stderr)
        ? `The host has a group ${user} of somebody else: choose another name, or add the user by hand (useradd -r -g ${user})`
        : undefined;
    if (wanted) return [{ run: sh(add, user), purpose: `adding the system user ${user}`, advice }];
    return [
      { run: sh(`userdel -- "$1"`, user), purpose: `removing the system user ${user}, who was not there before` },
    ];
  },

  report: (want, seen) => ({ user: seen.exists ? want.user : "" }),
};
