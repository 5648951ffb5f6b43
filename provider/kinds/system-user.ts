import { z } from "zod";
import { sh } from "../host/command";
import type { Kind } from "../reconcile/kind";

interface Want {
  user: string;
}

/** Whether there is such a user, and a group of that name. */
interface Seen {
  exists: boolean;
}

/** A user for a service: no password, no shell, no home. */
export const systemUser: Kind<Want, Seen> = {
  name: "SystemUser",
  inputs: z.object({
    user: z
      .string()
      .regex(
        /^[a-z_][a-z0-9_-]{0,30}$/,
        'a user\'s name has small letters, digits, dashes and underscores, like "shop"',
      ),
  }),
  identity: (want) => want.user,

  observe: ({ had, want }) => [sh(`id -u -- "$1" >/dev/null 2>&1 && echo there || :`, ((want ?? had) as Want).user)],
  read: ([reply]) => ({ exists: reply?.stdout.trim() === "there" }),

  plan({ had, want, found }, seen) {
    const { user } = (want ?? had) as Want;
    const wanted = want ? true : (found?.exists ?? false);
    if (wanted === seen.exists) return [];
    // Whoever comes second has the same done already.
    const add = `id -u -- "$1" >/dev/null 2>&1 ||
      useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin -- "$1"`;
    if (wanted) return [{ run: sh(add, user), purpose: `adding the system user ${user}` }];
    return [
      { run: sh(`userdel -- "$1"`, user), purpose: `removing the system user ${user}, who was not there before` },
    ];
  },

  report: (want, seen) => ({ user: seen.exists ? want.user : "" }),
};
