import { availableParallelism } from "node:os";
import { execa } from "execa";
import { ensureArtefact, SHOP_PROGRAMS } from "../artefact.js";
import { root } from "../cache.js";
import { ensureKernel, KERNEL_PROGRAMS } from "../kernel/index.js";
import { DEBIANS } from "../lab/image.js";
import { ensureIngredients } from "../lab/ingredients.js";
import { LAB_PROGRAMS } from "../lab/preflight.js";
import { ensurePrograms, type Programs } from "../machine.js";
import { NETWORK_PROGRAMS, whyNoOwnNetwork } from "../own-network.js";
import { ensurePrometheus } from "../prometheus.js";
import { MAKE_REFERENCE } from "../reference/index.js";
import { ensureToolchain } from "../toolchain/index.js";
import { quickStart } from "../toolchain/quick-start.js";
import { jest, type Only } from "./jest.js";
import { withLabs } from "./own-labs.js";
import type { Tested } from "./summary.js";
import { type Tier, tierOf } from "./tiers.js";
import type { Turn } from "./turns.js";

export interface How {
  /** Run everything, however long it takes, and leave time to the lab, which runs at the same time. */
  readonly thorough: boolean;
  /** The tier's long files run, too. */
  readonly whole: boolean;
  /** The part's own files, where only some are run. */
  readonly only: Only;
}

/** A piece of a tier that can run alone. */
export interface Part extends Turn {
  readonly tier: Tier;
  readonly what: string;
  /** The hosts of the part are on a kernel of its own. */
  readonly needsKernel?: boolean;
  /** The programs that the part runs, other than those that Debian has from the beginning. */
  readonly programs?: Programs;
  /** Only some tests run the programs. These tests are skipped where a program cannot be had. By default the part fails. */
  readonly skips?: boolean;
  /** Whether the part runs this file of tests. Without this function the part runs every file of its tier. */
  has?(file: string): boolean;
  /** Says why this machine cannot run the part, which is then skipped. Without this function every machine can. */
  hindrance?(): Promise<string | undefined>;
  /** Runs the part. Its programs and the tool chain are there. */
  run(how: How): Promise<Tested[]>;
}

/** Returns those of the files that the part runs. */
export function filesOf({ tier, has }: Part, files: readonly string[]): string[] {
  return files.filter((file) => tierOf(file) === tier && (has?.(file) ?? true));
}

/** The real programs that some tests of the tier units run. */
const REAL_PROGRAMS: Programs = {
  sudo: "sudo",
  openssl: "openssl",
  ssh: "openssh-client",
  ldirectord: "ldirectord",
  isoinfo: "genisoimage",
  "qemu-img": "qemu-utils",
  xsltproc: "xsltproc",
};

/** What tests open pages with. */
const BROWSER: Programs = {
  "/usr/bin/chromium": "chromium",
  "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf": "fonts-dejavu-core",
};

/** The checks of the whole checkout: lint, format, shell scripts, types and the reference. */
const STYLE: readonly Part[] = [
  {
    ...{ tier: "style", what: "lint and format", needsToolchain: false, share: 1 / 2 },
    run: () => style("biome", "check", "--error-on-warnings", "."),
  },
  {
    ...{ tier: "style", what: "shell scripts", needsToolchain: false, share: 1 / 2 },
    programs: { shellcheck: "shellcheck" },
    run: ({ only }) => jest({ tier: "style", only }),
  },
  {
    ...{ tier: "style", what: "types", needsToolchain: true, share: 1 / 2 },
    run: () => style("tsc", "--noEmit", "-p", "test"),
  },
  {
    ...{ tier: "style", what: "docstrings and links of the reference", needsToolchain: true, share: 1 / 2 },
    run: () => style(...MAKE_REFERENCE),
  },
];

/** The tests import code that the tool chain generates. They are a project of their own in jest.config.cjs. */
const isGenerated = (file: string) => file.startsWith("test/sdk/lab/");

/** The tests need the artefact of examples/shop. They are a project of their own in jest.config.cjs. */
const isOfShop = (file: string) => file.startsWith("test/shop/");

const UNITS: Part = {
  ...{ tier: "units", what: "all but those of generated code", needsToolchain: false, share: 1 / 2 },
  ...{ programs: REAL_PROGRAMS, skips: true },
  has: (file) => !isGenerated(file) && !isOfShop(file),
  // Three for each two processors: the tests wait a fifth of their time.
  run: ({ only }) => jest({ tier: "units", workers: String(Math.ceil(1.5 * availableParallelism())), only }),
};

const OTHER_UNITS: readonly Part[] = [
  {
    ...{ tier: "units", what: "those of generated code", needsToolchain: true, share: 1 / 3 },
    has: isGenerated,
    run: ({ only }) => jest({ tier: "units", project: "generated", only }),
  },
  {
    ...{ tier: "units", what: "the shop itself", needsToolchain: false, share: 1 / 3, programs: SHOP_PROGRAMS },
    has: isOfShop,
    run: async ({ only }) =>
      jest({ tier: "units", project: "shop", only, env: { LVS_SHOP: (await ensureArtefact()).path } }),
  },
];

const NAMESPACES: Part = {
  ...{ tier: "namespaces", what: "hosts without machines", needsToolchain: false, share: 1 / 2 },
  programs: { ...NETWORK_PROGRAMS, ...BROWSER },
  hindrance: whyNoOwnNetwork,
  run: ({ only }) => jest({ tier: "namespaces", workers: "4", separate: true, only }),
};

/** Tests of several directors, and others that take long. */
const LONG = "[.]long[.]test[.]ts$";

const KERNEL: Part = {
  ...{ tier: "kernel", what: "real kernels without machines", needsToolchain: false, needsKernel: true, share: 1 / 2 },
  programs: { ...NETWORK_PROGRAMS, ...KERNEL_PROGRAMS },
  hindrance: whyNoOwnNetwork,
  async run({ thorough, whole, only }) {
    const made = { LVS_KERNEL: await ensureKernel(), LVS_PROMETHEUS: await ensurePrometheus() };
    const env = { ...made, ...(thorough && { LVS_THOROUGH: "1" }) };
    const without = whole ? undefined : LONG;
    // Two for each of two processors. Beside the lab one less: its emulated machines need most of one.
    return jest({ tier: "kernel", workers: thorough ? "3" : "4", separate: true, without, only, env });
  },
};

/** A guide's commands for hosts of one's own. They are a project of their own in jest.config.cjs. */
const isOwn = (file: string) => file.startsWith("test/engine/own-");

/** The ways of the engine on one host. Another project: the hosts of the others have the same addresses. */
const isWays = (file: string) => file === "test/engine/ways.test.ts";

const [OWN_HOSTS, WAYS, OTHER_ENGINES] = (
  [
    ["own", "Pulumi's own engine by a guide's commands for hosts of one's own", isOwn],
    ["ways", "Pulumi's own engine: replace, rename, move", isWays],
    ["engine", "Pulumi's own engine: interrupt, adopt, upgrade", (file: string) => !isOwn(file) && !isWays(file)],
  ] as const
).map(
  ([project, what, has]): Part => ({
    ...{ tier: "engine", what, needsToolchain: true, needsKernel: true, share: 1 / 3, has },
    programs: { ...NETWORK_PROGRAMS, ...KERNEL_PROGRAMS },
    hindrance: whyNoOwnNetwork,
    async run({ only }) {
      const toolchain = await ensureToolchain();
      const quick = { ...toolchain, environment: { ...toolchain.environment, ...quickStart() } };
      const env = { LVS_TOOLCHAIN: JSON.stringify(quick), LVS_KERNEL: await ensureKernel() };
      return jest({ tier: "engine", project, workers: "1", separate: true, only, env });
    },
  }),
) as [Part, Part, Part];

const IN_LAB: Programs = { ...LAB_PROGRAMS, ...SHOP_PROGRAMS, ...BROWSER };

const isOnLan = (file: string) => file === "test/lab/lan.test.ts";

const LAN: Part = {
  ...{ tier: "lab", what: "real machines on one network", needsToolchain: true, share: 1 / 3, programs: IN_LAB },
  has: isOnLan,
  run: ({ only }) => inLab("lan", ["lan-test"], only),
};

const OTHER_LABS: Part = {
  ...{ tier: "lab", what: "real machines behind a director, and others", needsToolchain: true, share: 1 / 3 },
  programs: IN_LAB,
  has: (file) => !isOnLan(file),
  run: ({ only }) => inLab("lab", ["nat-test", "nat-pair-test", "shop-pair-test", "ha-pair-test"], only, CONFIGURED),
};

/**
 * All parts, in the order in which they begin. Those that need every core come first, beside the hosts of the tier namespaces,
 * which sleep most of the time until they undo something by themselves. The longest follow: the experiments on the lab's four
 * machines, and the kernels. What is left of units takes seconds and waits for them. When the kernels have ended, three parts run
 * at a time, since each of them waits a third of its time: for machines, for advertisements, for Pulumi.
 */
export const PARTS: readonly Part[] = [
  ...STYLE,
  NAMESPACES,
  UNITS,
  LAN,
  KERNEL,
  ...OTHER_UNITS,
  OTHER_LABS,
  OWN_HOSTS,
  WAYS,
  OTHER_ENGINES,
];

async function style(command: string, ...args: string[]): Promise<Tested[]> {
  const began = performance.now();
  const done = await execa(command, args, { cwd: root, preferLocal: true, stdio: "inherit", reject: false });
  const status = done.exitCode === 0 ? "passed" : "failed";
  return [{ tier: "style", name: [command, ...args].join(" "), status, seconds: (performance.now() - began) / 1000 }];
}

/**
 * Installs what the parts need, all of it before the first test begins. Hosts that are made of namespaces see the files
 * of this machine, and a package that comes meanwhile would change the files under them. What cannot be had is no
 * matter here: the part that needs it says so.
 */
export async function ensureProgramsOf(parts: readonly Part[]): Promise<void> {
  const programs = Object.assign({}, ...parts.map((part) => part.programs));
  await ensurePrograms("tests", programs).catch(() => {});
}

/** Makes sure that the part's programs are there. The tests of a part that skips some run without them. */
export async function ensureProgramsFor({ tier, what, programs = {}, skips }: Part): Promise<void> {
  try {
    await ensurePrograms(`${tier}: ${what}`, programs);
  } catch (problem) {
    if (!skips) throw problem;
    const reason = problem instanceof Error ? problem.message : String(problem);
    console.log(`${reason}\n${tier}: the tests that need these programs are skipped.`);
  }
}

/** Pulumi writes the configuration of a user's own stack beside the program. */
const CONFIGURED = [
  "Pulumi.nat-test-own.yaml",
  "test/lab/second-team/Pulumi.second.yaml",
  "test/lab/second-pair/Pulumi.second.yaml",
];

/** Runs the project's files, which bring up the labs of these stacks, one at a time. */
async function inLab(
  project: string,
  stacks: readonly string[],
  only: Only,
  leaves: readonly string[] = [],
): Promise<Tested[]> {
  labs ??= (async () => {
    for (const debian of DEBIANS) await ensureIngredients(debian);
  })();
  await labs;
  const env = { LVS_LAB_STACKS: stacks.join(" ") };
  return withLabs(stacks, () => jest({ tier: "lab", project, workers: "1", only, leaves, env }));
}

/** The ingredients of all labs. They are made once, because two projects would otherwise make them at the same time. */
let labs: Promise<void> | undefined;
