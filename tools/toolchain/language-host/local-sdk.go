package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/pulumi/pulumi/pkg/v3/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// GeneratePackage writes the TypeScript of a package's schema into a folder.
func (host *languageHost) GeneratePackage(
	_ context.Context, request *pulumirpc.GeneratePackageRequest,
) (*pulumirpc.GeneratePackageResponse, error) {
	var specification schema.PackageSpec
	if err := json.Unmarshal([]byte(request.Schema), &specification); err != nil {
		return nil, fmt.Errorf("reading the schema: %w", err)
	}
	loader, err := schema.NewLoaderClient(request.LoaderTarget)
	if err != nil {
		return nil, fmt.Errorf("reaching the engine's schema loader: %w", err)
	}
	defer loader.Close()
	bound, diagnostics, err := schema.BindSpec(specification, loader, schema.ValidationOptions{})
	if err != nil {
		return nil, fmt.Errorf("binding the schema: %w", err)
	}
	response := &pulumirpc.GeneratePackageResponse{Diagnostics: plugin.HclDiagnosticsToRPCDiagnostics(diagnostics)}
	if diagnostics.HasErrors() {
		return response, nil
	}
	files, err := nodejs.GeneratePackage("pulumi-language-nodejs", bound, request.ExtraFiles, request.LocalDependencies,
		request.Local, loader)
	if err != nil {
		return nil, fmt.Errorf("generating the package: %w", err)
	}
	for name, text := range files {
		path := filepath.Join(request.Directory, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return nil, err
		}
	}
	return response, nil
}

// Link makes local packages dependencies of the project's root: with `main:` in a subfolder, npm would take a path
// relative to that for the name of a repository, so the paths are absolute.
func (host *languageHost) Link(ctx context.Context, request *pulumirpc.LinkRequest) (*pulumirpc.LinkResponse, error) {
	arguments := []string{"install", "--no-audit", "--no-fund"}
	for _, linked := range request.Packages {
		arguments = append(arguments, "file:"+filepath.Join(request.Info.RootDirectory, linked.Path))
	}
	npm := exec.CommandContext(ctx, "npm", arguments...)
	npm.Dir = request.Info.RootDirectory
	if printed, err := npm.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("npm install of local packages in %s: %w\n%s", npm.Dir, err, printed)
	}
	instructions := "The package can be imported:\n"
	for _, linked := range request.Packages {
		name := linked.Package.Name
		if linked.Package.Parameterization != nil {
			name = linked.Package.Parameterization.Name
		}
		instructions += fmt.Sprintf("\n  import * as %s from \"@pulumi/%s\";\n", name, name)
	}
	return &pulumirpc.LinkResponse{ImportInstructions: instructions}, nil
}
