import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const provider = join(__dirname, "../../provider");

/** A module that remembers something from call to call has a variable or an empty collection of its own. */
const REMEMBERS = /^(export )?(let |const \w+[^=\n]*= (new \w+(<[^\n]*>)?\(\)|\[\]|\{\});)/m;
/** The counters, and a class that tests change. */
const OTHERS = ["host/statistics.ts", "host/session.ts"];

/** The files of the provider, and the modules that each imports: not those of which it takes types alone. */
function sources(): Map<string, { readonly text: string; readonly imports: readonly string[] }> {
  const names = readdirSync(provider, { recursive: true, encoding: "utf8" });
  const own = names.filter((name) => /^(?!dist\/|node_modules\/).*(?<!\.d)\.ts$/.test(name));
  const files = new Set(own.map((name) => join(provider, name)));
  const fileOf = (path: string) => [`${path}.ts`, join(path, "index.ts")].find((one) => files.has(one));
  const read = (file: string) => {
    const text = readFileSync(file, "utf8");
    const imports = [...text.matchAll(/^(?:import|export) (?!type )[^;]*? from "(\.[^"]+)"/gm)].flatMap(
      ([, path = ""]) => fileOf(join(dirname(file), path)) ?? [],
    );
    return { text, imports };
  };
  return new Map([...files].map((file) => [file, read(file)]));
}

/** The modules that are the same for every process of a provider: they remember nothing, and import nothing that does. */
function lasting(): string[] {
  const all = [...sources()];
  const isOther = (file: string) => OTHERS.some((name) => file === join(provider, name));
  const anew = new Set(all.flatMap(([file, { text }]) => (REMEMBERS.test(text) || isOther(file) ? [file] : [])));
  for (let before = 0; before < anew.size; ) {
    before = anew.size;
    for (const [file, { imports }] of all) if (imports.some((one) => anew.has(one))) anew.add(file);
  }
  return all.map(([file]) => file).filter((file) => !anew.has(file));
}

const packages = ["@peculiar/x509", "node-ssh", "ssh2", "zod"].map((name) => [name, require(name)] as const);
const modules = lasting().map((file) => [file, require(file)] as const);

/**
 * Loads modules of the provider as a new process would: those that remember something, and those that import them. All others
 * are loaded once and shared, because to load a provider takes longer than much of what a test has it do.
 *
 * @param everything all of the provider's modules, for who changes some of them
 */
export function loadedAnew<T>(load: () => T, everything = false): T {
  let loaded: T | undefined;
  jest.isolateModules(() => {
    for (const [name, copy] of packages) jest.doMock(name, () => copy);
    for (const [file, copy] of modules) {
      if (everything) jest.dontMock(file);
      else jest.doMock(file, () => copy);
    }
    loaded = load();
  });
  return loaded as T;
}
