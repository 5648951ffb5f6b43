import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";

type Props = Record<string, unknown>;

/** The program text that the SDK puts into the inputs of every resource. */
export function constantStub(kind: string): string {
  return `exports.handler = () => require("pulumi-lvs/provider").provider("${kind}")`;
}

const project = join(__dirname, "../..");

/** A failure as the engine handles it. With an id the resource is saved, and the next `up` updates it. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly partial?: { id: string; properties: Props; reasons: string[] },
  ) {
    super(message);
  }
}

/** The process that Pulumi's engine starts for dynamic resources. The test speaks to it as the engine does. */
export class DynamicProvider {
  /** Everything that the process printed. */
  output = "";
  readonly #process: ChildProcess;
  #client: ResourceProviderClient | undefined;

  private constructor(env: NodeJS.ProcessEnv) {
    // The engine starts the process in the project's folder. The stub has to find the package from there.
    const path = require.resolve("@pulumi/pulumi/cmd/dynamic-provider", { paths: [project] });
    this.#process = spawn(process.execPath, [path, "127.0.0.1:1"], { cwd: project, env: { ...process.env, ...env } });
  }

  static async start(env: NodeJS.ProcessEnv = {}): Promise<DynamicProvider> {
    const started = new DynamicProvider(env);
    const { stdout, stderr } = started.#process;
    for (const stream of [stdout, stderr]) stream?.on("data", (chunk) => (started.output += chunk));
    while (!/^\d+$/m.test(started.output)) await once(stdout as NodeJS.ReadableStream, "data");
    const port = /^\d+$/m.exec(started.output)?.[0];
    started.#client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
    return started;
  }

  async stop(): Promise<void> {
    this.#client?.close();
    const ended = once(this.#process, "exit");
    this.#process.kill();
    await ended;
  }

  /**
   * Ends the process's standard input, which the engine holds open as long as it runs. Returns the process's exit
   * status.
   */
  async afterEngine(): Promise<number | null> {
    this.#client?.close();
    const ended = once(this.#process, "exit");
    this.#process.stdin?.end();
    return (await ended)[0];
  }

  async check(news: Props, olds: Props = {}) {
    const request = new messages.CheckRequest();
    request.setOlds(struct(olds));
    request.setNews(struct(news));
    const answer = await this.#call<messages.CheckResponse>("check", request);
    const failures = answer.getFailuresList().map((f) => ({ property: f.getProperty(), reason: f.getReason() }));
    return { inputs: answer.getInputs()?.toJavaScript() as Props, failures };
  }

  async diff(id: string, olds: Props, news: Props) {
    const request = new messages.DiffRequest();
    request.setId(id);
    request.setOlds(struct(olds));
    request.setNews(struct(news));
    const answer = await this.#call<messages.DiffResponse>("diff", request);
    const changes = answer.getChanges() === messages.DiffResponse.DiffChanges.DIFF_SOME;
    return { changes, replaces: answer.getReplacesList() };
  }

  async create(inputs: Props) {
    const request = new messages.CreateRequest();
    request.setProperties(struct(inputs));
    const answer = await this.#call<messages.CreateResponse>("create", request);
    return { id: answer.getId(), state: answer.getProperties()?.toJavaScript() as Props };
  }

  async read(id: string, state: Props) {
    const request = new messages.ReadRequest();
    request.setId(id);
    request.setProperties(struct(state));
    const answer = await this.#call<messages.ReadResponse>("read", request);
    return {
      id: answer.getId(),
      state: answer.getProperties()?.toJavaScript() as Props,
      inputs: answer.getInputs()?.toJavaScript() as Props | undefined,
    };
  }

  async update(id: string, olds: Props, news: Props): Promise<Props> {
    const request = new messages.UpdateRequest();
    request.setId(id);
    request.setOlds(struct(olds));
    request.setNews(struct(news));
    const answer = await this.#call<messages.UpdateResponse>("update", request);
    return answer.getProperties()?.toJavaScript() as Props;
  }

  async delete(id: string, state: Props): Promise<void> {
    const request = new messages.DeleteRequest();
    request.setId(id);
    request.setProperties(struct(state));
    await this.#call("delete", request);
  }

  #call<Answer>(method: string, request: unknown): Promise<Answer> {
    const client = this.#client as unknown as Record<string, (request: unknown, done: Done<Answer>) => void>;
    return new Promise((resolve, reject) => {
      const call = client[method]?.bind(client);
      call?.(request, (error, answer) => (error ? reject(refused(error)) : resolve(answer)));
    });
  }
}

type Done<Answer> = (error: ServiceError | null, answer: Answer) => void;

function struct(value: Props): Struct {
  return Struct.fromJavaScript(value as Parameters<typeof Struct.fromJavaScript>[0]);
}

function refused(error: ServiceError): Refused {
  const [packed] = error.metadata?.get("grpc-status-details-bin") ?? [];
  const [detail] = packed ? Status.deserializeBinary(packed as Buffer).getDetailsList() : [];
  if (!detail) return new Refused(error.details);
  const failed = messages.ErrorResourceInitFailed.deserializeBinary(detail.getValue_asU8());
  return new Refused(error.details, {
    id: failed.getId(),
    properties: failed.getProperties()?.toJavaScript() as Props,
    reasons: failed.getReasonsList(),
  });
}
