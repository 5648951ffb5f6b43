import { join } from "node:path";
import type { TypeDocOptions } from "typedoc";
import { root } from "../cache.js";
import { complete, links, rooms, strict, titles, words } from "./plugins.js";

const at = (...path: string[]) => join(root, ...path);

/** The reference of the SDK, and beside it whatever of the checkout is to be read by people. */
const options: TypeDocOptions = {
  name: "pulumi-lvs",
  entryPoints: [at("sdk", "index.ts"), at("sdk", "lab", "index.ts")],
  tsconfig: at("tools", "reference", "tsconfig.json"),
  readme: at("README.md"),
  // One pattern: each has to find something.
  projectDocuments: [at("{DESIGN,CONTRIBUTING,CHANGELOG,docs/**/*}.md")],
  out: at("docs", ".site"),
  logLevel: "Warn",
  plugin: [rooms, titles, words, complete, strict, links],

  // By these it says what is missing; `treatWarningsAsErrors` would end with the first of what it reads.
  treatValidationWarningsAsErrors: true,
  validation: { notDocumented: true, invalidLink: true, invalidPath: true, notExported: true, rewrittenLink: true },

  excludeExternals: true,
  externalSymbolLinkMappings: {
    "@pulumi/pulumi": { "*": "https://www.pulumi.com/docs/reference/pkg/nodejs/pulumi/pulumi/" },
    "@pulumi/command": { "*": "https://www.pulumi.com/registry/packages/command/api-docs/remote/command/" },
    "@pulumi/libvirt": { "*": "https://www.pulumi.com/registry/packages/libvirt/" },
  },
  // The site tells the same wherever the checkout lies, and whatever its remotes are.
  disableSources: true,
  categorizeByGroup: false,
  categoryOrder: ["Clusters", "Sites", "Kinds", "Ldirectord", "Workflows", "Values", "Host", "*"],
  navigation: { includeCategories: true, includeGroups: false, includeFolders: false },
  // README.md has a heading of its own.
  headings: { readme: false, document: false },
  sort: ["kind", "source-order"],
  sortEntryPoints: false,
};

export default options;
