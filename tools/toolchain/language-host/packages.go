package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

type packageManifest struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Pulumi  *struct {
		Resource         bool   `json:"resource"`
		Name             string `json:"name"`
		Version          string `json:"version"`
		Server           string `json:"server"`
		Parameterization *struct {
			Name    string `json:"name"`
			Version string `json:"version"`
			Value   []byte `json:"value"`
		} `json:"parameterization"`
	} `json:"pulumi"`
}

// GetRequiredPackages names the plugins that the npm packages in reach of the program say they need.
func (host *languageHost) GetRequiredPackages(
	_ context.Context, request *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
	response := &pulumirpc.GetRequiredPackagesResponse{}
	seen := map[string]bool{}
	for _, modules := range moduleFolders(request.Info.ProgramDirectory) {
		for _, pattern := range []string{"*", "@*/*"} {
			folders, err := filepath.Glob(filepath.Join(modules, pattern))
			if err != nil {
				return nil, err
			}
			for _, folder := range folders {
				required := requiredPackage(folder)
				if required == nil || seen[required.String()] {
					continue
				}
				seen[required.String()] = true
				response.Packages = append(response.Packages, required)
			}
		}
	}
	return response, nil
}

// The plugin that an npm package's folder asks for; nil for what is no Pulumi package.
func requiredPackage(folder string) *pulumirpc.PackageDependency {
	text, err := os.ReadFile(filepath.Join(folder, "package.json"))
	if err != nil {
		return nil
	}
	var manifest packageManifest
	if json.Unmarshal(text, &manifest) != nil || manifest.Pulumi == nil || !manifest.Pulumi.Resource {
		return nil
	}
	required := &pulumirpc.PackageDependency{
		Kind:    "resource",
		Name:    manifest.Pulumi.Name,
		Version: manifest.Pulumi.Version,
		Server:  manifest.Pulumi.Server,
	}
	if required.Name == "" {
		required.Name = strings.TrimPrefix(manifest.Name, "@pulumi/")
	}
	if required.Version == "" {
		required.Version = manifest.Version
	}
	if parameters := manifest.Pulumi.Parameterization; parameters != nil {
		required.Parameterization = &pulumirpc.PackageParameterization{
			Name: parameters.Name, Version: parameters.Version, Value: parameters.Value,
		}
	}
	return required
}

// InstallDependencies leaves the search for the nearest package.json to npm.
func (host *languageHost) InstallDependencies(
	request *pulumirpc.InstallDependenciesRequest, stream pulumirpc.LanguageRuntime_InstallDependenciesServer,
) error {
	npm := exec.CommandContext(stream.Context(), "npm", "install", "--no-audit", "--no-fund")
	npm.Dir = request.Info.ProgramDirectory
	npm.Stdout, npm.Stderr = outputTo{stream}, outputTo{stream}
	if err := npm.Run(); err != nil {
		return fmt.Errorf("npm install in %s: %w", npm.Dir, err)
	}
	return nil
}

type outputTo struct {
	stream pulumirpc.LanguageRuntime_InstallDependenciesServer
}

func (output outputTo) Write(text []byte) (int, error) {
	return len(text), output.stream.Send(&pulumirpc.InstallDependenciesResponse{Stdout: text})
}
