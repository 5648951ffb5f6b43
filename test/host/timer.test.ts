import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { after } from "../../provider/host/timer";

const root = join(__dirname, "../..");

test("a timer for longer than Node.js can wait does not fire at once", async () => {
  const fired = jest.fn();
  const timers = [2 ** 31, 10_000 * 301_000, Number.POSITIVE_INFINITY].map((longest) => after(longest, fired));
  await new Promise((resolve) => setTimeout(resolve, 50));
  timers.forEach(clearTimeout);
  expect(fired).not.toHaveBeenCalled();
});

// Waits, limits and durations are measured by a clock that nobody can set. What is left here is about dates.
const DATES = [
  "provider/linux/loaded-files.ts",
  "provider/operations/doctor.ts",
  "provider/values/tls-certificate.ts",
  "sdk/host/host.ts",
  "sdk/keepalived/daemon.ts",
  "tools/folders.ts",
  "tools/lab/clock.ts",
];

test("no file but those about dates asks for the time of day", () => {
  const files = ["provider", "sdk", "tools"].flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, encoding: "utf8" })
      .filter((file) => /\.(ts|mjs)$/.test(file) && !/(^|\/)(dist|node_modules)\//.test(file))
      .map((file) => `${room}${sep}${file}`),
  );
  expect(files.length).toBeGreaterThan(150);
  const asking = files.filter((file) =>
    /Date\.now|\bdate \+|EPOCHSECONDS/.test(readFileSync(join(root, file), "utf8")),
  );
  expect(asking.sort()).toEqual(DATES);
});
