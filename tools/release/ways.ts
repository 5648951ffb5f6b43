/** The packages, each after those that it needs. */
export const PACKAGES = { "pulumi-lvs-provider": "provider", "pulumi-lvs-cli": "cli", "pulumi-lvs": "sdk" } as const;

/** A way in which users have the packages. Each end of the range of `@pulumi/pulumi` is among them. */
export interface Way {
  readonly name: string;
  /** The version of `@pulumi/pulumi`. */
  readonly pulumi: string;
  readonly manager: keyof typeof MANAGERS;
  /** The program: the template's, or what it becomes in JavaScript, as CommonJS or as an ES module. */
  readonly language: "typescript" | "commonjs" | "module";
}

interface Manager {
  readonly install: readonly string[];
  /** How tarballs stand in package.json in the place of a registry's packages. */
  readonly instead: (inner: object) => object;
  readonly files?: Readonly<Record<string, string>>;
}

/** How each package manager installs what package.json names. */
export const MANAGERS = {
  npm: { install: ["npm", "install", "--no-audit", "--no-fund"], instead: (inner) => ({ overrides: inner }) },
  pnpm: { install: ["npx", "--yes", "pnpm@10.15.0", "install"], instead: (inner) => ({ pnpm: { overrides: inner } }) },
  "yarn 1": {
    install: ["npx", "--yes", "yarn@1.22.22", "install", "--non-interactive"],
    instead: (inner) => ({ resolutions: inner }),
  },
  // Pulumi looks for node_modules, so that Plug'n'Play, yarn's default, is no layout for it.
  "yarn 4": {
    install: ["npx", "--yes", "--package", "@yarnpkg/cli-dist@4.18.1", "yarn", "install", "--no-immutable"],
    instead: (inner) => ({ resolutions: inner }),
    files: { ".yarnrc.yml": "nodeLinker: node-modules\n" },
  },
  bun: {
    install: ["npx", "--yes", "bun@1.4.5", "install"],
    instead: (inner) => ({ overrides: inner }),
    files: { "bunfig.toml": '[install]\nlinker = "isolated"\n' },
  },
} as const satisfies Record<string, Manager>;

export const ways = (lowest: string): readonly Way[] => [
  { name: "TypeScript, npm, the lowest @pulumi/pulumi", pulumi: lowest, manager: "npm", language: "typescript" },
  { name: "ES module, npm, the newest @pulumi/pulumi", pulumi: "^3", manager: "npm", language: "module" },
  { name: "JavaScript, pnpm", pulumi: "^3", manager: "pnpm", language: "commonjs" },
  // Yarn 1 refuses a package whose `engines` exclude this Node. The others warn.
  { name: "TypeScript, yarn 1, the lowest @pulumi/pulumi", pulumi: lowest, manager: "yarn 1", language: "typescript" },
  { name: "JavaScript, yarn 4", pulumi: "^3", manager: "yarn 4", language: "commonjs" },
  { name: "ES module, bun", pulumi: "^3", manager: "bun", language: "module" },
];
