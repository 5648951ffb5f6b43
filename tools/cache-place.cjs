// Where slow things are kept. This file is plain Node, because the npm packages are among them: see npm-packages.mjs.
const { createHash } = require("node:crypto");
const { existsSync, utimesSync } = require("node:fs");
const { homedir } = require("node:os");
const { join, resolve } = require("node:path");

exports.cacheFolder =
  (process.env.PULUMI_LVS_CACHE && resolve(process.env.PULUMI_LVS_CACHE)) ||
  (process.getuid?.() === 0 ? "/var/cache/pulumi-lvs" : join(homedir(), ".cache", "pulumi-lvs"));

exports.placeOf = (name, key) => {
  const hash = createHash("sha256").update(JSON.stringify(key)).digest("hex").slice(0, 16);
  return join(exports.cacheFolder, `${name}-${hash}`);
};

exports.use = (entry) => {
  if (!existsSync(entry)) return false;
  const now = new Date();
  try {
    utimesSync(entry, now, now);
  } catch {
    // The time of another user's stays as it is.
  }
  return true;
};
