package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// The exit code with which the Node SDK says that it has already told the user what went wrong.
const alreadyReported = 32

// Run starts the program under the Node SDK's own runner and waits until it ends.
func (host *languageHost) Run(ctx context.Context, request *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	runner, err := resolve(request.Info.ProgramDirectory, "@pulumi/pulumi/cmd/run/index.js")
	if err != nil {
		return nil, err
	}
	environment, err := programEnvironment(request)
	if err != nil {
		return nil, err
	}
	options := request.Info.Options.AsMap()
	var arguments []string
	if given, ok := options["nodeargs"].(string); ok {
		arguments = strings.Fields(given)
	}
	arguments = append(arguments, runner,
		"--monitor", request.MonitorAddress,
		"--engine", host.engine,
		"--organization", request.Organization,
		"--project", request.Project,
		"--stack", request.Stack,
		"--pwd", request.Pwd,
		"--root-directory", request.Info.RootDirectory,
		"--parallel", strconv.Itoa(int(request.Parallel)),
	)
	if request.DryRun {
		arguments = append(arguments, "--dry-run")
	}
	arguments = append(arguments, request.Info.EntryPoint)
	arguments = append(arguments, request.Args...)

	// The context ends with the engine's connection: an interrupted deployment leaves no program behind.
	node := exec.CommandContext(ctx, "node", arguments...)
	node.Cancel = func() error { return node.Process.Signal(syscall.SIGTERM) }
	node.WaitDelay = 5 * time.Second
	node.Dir = request.Pwd
	node.Env = append(os.Environ(), environment...)
	node.Stdout, node.Stderr = os.Stdout, os.Stderr // the engine shows both as the program's messages
	return outcome(node.Run())
}

func outcome(err error) (*pulumirpc.RunResponse, error) {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return &pulumirpc.RunResponse{}, nil
	case errors.As(err, &exit) && exit.ExitCode() == alreadyReported:
		return &pulumirpc.RunResponse{Bail: true}, nil
	case errors.As(err, &exit):
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("the program ended with %s", exit)}, nil
	default:
		return nil, fmt.Errorf("running node: %w", err)
	}
}

func programEnvironment(request *pulumirpc.RunRequest) ([]string, error) {
	// The Node SDK parses both without a check for null, which is what Go makes of an empty map or list.
	config, secrets := request.Config, request.ConfigSecretKeys
	if config == nil {
		config = map[string]string{}
	}
	if secrets == nil {
		secrets = []string{}
	}
	configText, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	secretsText, err := json.Marshal(secrets)
	if err != nil {
		return nil, err
	}
	options := request.Info.Options.AsMap()
	environment := []string{
		"PULUMI_CONFIG=" + string(configText),
		"PULUMI_CONFIG_SECRET_KEYS=" + string(secretsText),
		fmt.Sprintf("PULUMI_NODEJS_TYPESCRIPT=%t", options["typescript"] != false),
	}
	if configuration, ok := options["tsconfig"].(string); ok {
		environment = append(environment, "PULUMI_NODEJS_TSCONFIG_PATH="+configuration)
	}
	return environment, nil
}

// Where Node would find a file of a package for code in a folder.
func resolve(folder, file string) (string, error) {
	for _, modules := range moduleFolders(folder) {
		if found := filepath.Join(modules, file); exists(found) {
			return found, nil
		}
	}
	return "", fmt.Errorf("%s: no @pulumi/pulumi in a node_modules folder here or above: run `npm install`", folder)
}

// The node_modules folders that Node looks into for code in a folder, nearest first.
func moduleFolders(folder string) []string {
	var found []string
	for {
		if modules := filepath.Join(folder, "node_modules"); exists(modules) {
			found = append(found, modules)
		}
		above := filepath.Dir(folder)
		if above == folder {
			return found
		}
		folder = above
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
