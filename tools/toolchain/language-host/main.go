// A Node language host for machines on which Pulumi's official release, which brings its own, cannot be downloaded.
// It serves what this repository needs and no more: run a program, install its packages, generate and link local SDKs.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

// Set by the build to the version of the CLI that this host goes with.
var version = "0.0.0"

type languageHost struct {
	pulumirpc.UnimplementedLanguageRuntimeServer
	engine string
}

func main() {
	if len(os.Args) < 2 {
		fail("usage: pulumi-language-nodejs [flags] <engine address>; Pulumi starts it, people do not")
	}
	// Flags for logging and tracing come first; the engine's address is always the last argument.
	host := &languageHost{engine: os.Args[len(os.Args)-1]}
	stop := make(chan bool)
	if err := rpcutil.Healthcheck(context.Background(), host.engine, 30*time.Second, func() { close(stop) }); err != nil {
		fail(fmt.Sprintf("cannot watch the engine at %s: %v", host.engine, err))
	}
	served, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: stop,
		Init: func(server *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(server, host)
			return nil
		},
	})
	if err != nil {
		fail(err.Error())
	}
	fmt.Println(served.Port) // how the engine learns where to call
	if err := <-served.Done; err != nil {
		fail(err.Error())
	}
}

func fail(line string) {
	fmt.Fprintln(os.Stderr, line)
	os.Exit(1)
}

func (host *languageHost) Handshake(
	_ context.Context, request *pulumirpc.LanguageHandshakeRequest,
) (*pulumirpc.LanguageHandshakeResponse, error) {
	host.engine = request.EngineAddress
	return &pulumirpc.LanguageHandshakeResponse{}, nil
}

func (host *languageHost) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: version}, nil
}

func (host *languageHost) About(context.Context, *pulumirpc.AboutRequest) (*pulumirpc.AboutResponse, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, err
	}
	printed, err := exec.Command(node, "--version").Output()
	return &pulumirpc.AboutResponse{Executable: node, Version: strings.TrimSpace(string(printed))}, err
}

func (host *languageHost) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}
