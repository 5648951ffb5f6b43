import { z } from "zod";
import { type Reply, sh } from "../host/command";
import { printed } from "../host/fact";
import type { Kind } from "../reconcile/kind";
import { about } from "../reconcile/kind";

interface Want {
  user: string;
}

/** Whether the user exists. */
interface Seen {
  exists: boolean;
}

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
      .refine((name) => name !== "root", "root may do everything: give the service a user of its own"),
  }),
  identity: (want) => want.user,

  look(change) {
    const ask = sh(`id -u -- "$1" >/dev/null 2>&1 && echo there || :`, about(change).user);
    return printed(ask, (output) => ({ exists: output.trim() === "there" }));
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
