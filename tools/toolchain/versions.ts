import type { GoTool } from "./go-build.js";

/** The oldest CLI that goes with the Node SDK of package.json. */
export const oldestPulumi = "3.248.0";

/**
 * The bridge to Terraform providers, and the provider used through the bridge. `packages` in Pulumi.yaml has the same
 * versions.
 */
export const bridge = { source: "terraform-provider", version: "1.1.3" };
export const libvirt = { namespace: "dmacvicar", name: "libvirt", version: "0.8.3" };

const cli = "3.259.0";

// Each program has a go.mod of its own: all of them replace modules of their dependencies, and `go install` refuses
// replacements.
export const goTools = {
  pulumi: {
    folder: "pulumi",
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    binary: "pulumi",
    tags: "osusergo,grpcnotrace",
    variables: [`github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${cli}`],
  },
  languageHost: {
    folder: "language-host",
    package: ".",
    binary: "pulumi-language-nodejs",
    tags: "osusergo,grpcnotrace",
    variables: [`main.version=v${cli}`],
  },
  bridge: {
    folder: "terraform-bridge",
    package: "github.com/pulumi/pulumi-terraform-bridge/v3/dynamic",
    binary: "pulumi-resource-terraform-provider",
    variables: [
      // The program links two copies of one protocol. Without this setting protobuf treats that as an error at the
      // start.
      "google.golang.org/protobuf/reflect/protoregistry.conflictPolicy=ignore",
      `github.com/pulumi/pulumi-terraform-bridge/v3/dynamic/version.version=v${bridge.version}`,
    ],
  },
  libvirt: {
    folder: "libvirt-provider",
    package: "github.com/dmacvicar/terraform-provider-libvirt",
    binary: `terraform-provider-libvirt_v${libvirt.version}`,
    variables: [`main.version=${libvirt.version}`],
  },
} satisfies Record<string, GoTool>;
