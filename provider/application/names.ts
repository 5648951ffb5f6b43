import { z } from "zod";

// How an application, its folder and its releases are named, in the release of a server and in the rollout.

export const site = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,30}$/, 'a site\'s name has small letters, digits and dashes, like "shop"');

export const root = z
  .string()
  .regex(
    /^(\/(?!\.{1,2}(\/|$))[\w.-]{1,255})+$/,
    'give an absolute path of letters, digits, dots, dashes and underscores, without "." and ".."',
  )
  .max(1000, "give a path of 1000 characters at most");

export const releaseName = z
  .string()
  .regex(/^[0-9a-f]{8,64}$/, "a release is named by 8 to 64 hexadecimal digits: give those");

export const user = z.string().regex(/^[a-z_][a-z0-9_-]{0,31}$/, "give the name of a user of the host");
