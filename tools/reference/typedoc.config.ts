import { join } from "node:path";
import type { TypeDocOptions } from "typedoc";
import { root } from "../cache.js";
import { complete, links, rooms, strict, titles, words } from "./plugins.js";

const at = (...path: string[]) => join(root, ...path);

/** The reference of the SDK, with every page of the checkout that people read. */
const options: TypeDocOptions = {
  name: "pulumi-lvs",
  entryPoints: [at("sdk", "index.ts"), at("sdk", "lab", "index.ts")],
  tsconfig: at("tools", "reference", "tsconfig.json"),
  readme: at("README.md"),
  // One pattern for all, because TypeDoc demands that each pattern finds something.
  projectDocuments: [at("{DESIGN,CONTRIBUTING,CHANGELOG,docs/**/*}.md")],
  out: at("docs", ".site"),
  // The compiler has checked these sources already.
  skipErrorChecking: true,
  logLevel: "Warn",
  plugin: [rooms, titles, words, complete, strict, links],

  // The validation warnings are what says that something is missing. `treatWarningsAsErrors` would stop at the first
  // warning of a file that is read.
  treatValidationWarningsAsErrors: true,
  validation: { notDocumented: true, invalidLink: true, invalidPath: true, notExported: true, rewrittenLink: true },

  excludeExternals: true,
  externalSymbolLinkMappings: {
    "@pulumi/pulumi": { "*": "https://www.pulumi.com/docs/reference/pkg/nodejs/pulumi/pulumi/" },
    "@pulumi/command": { "*": "https://www.pulumi.com/registry/packages/command/api-docs/remote/command/" },
    "@pulumi/libvirt": { "*": "https://www.pulumi.com/registry/packages/libvirt/" },
  },
  // The site has the same content wherever the checkout is, and whatever its remotes are.
  disableSources: true,
  categorizeByGroup: false,
  categoryOrder: ["Clusters", "Sites", "Kinds", "Bird", "Keepalived", "Ldirectord", "Workflows", "Values", "Host", "*"],
  navigation: { includeCategories: true, includeGroups: false, includeFolders: false },
  // TypeDoc's own choice, but for `linkify`, which takes the name of a file (ldirectord.cf) for a site.
  markdownItOptions: { html: true, linkify: false },
  // README.md brings its own heading.
  headings: { readme: false, document: false },
  sort: ["kind", "source-order"],
  sortEntryPoints: false,
};

export default options;
