import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";

/** A resource as it was registered with Pulumi's engine. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  /** The inputs as sent. Secrets still carry Pulumi's signature. */
  readonly inputs: Record<string, unknown>;
  /** The names of the resources that this one depends on. */
  readonly dependsOn: string[];
  readonly deletedWith: string;
  readonly replaceWith: string[];
  readonly secretOutputs: string[];
  readonly parent: string;
}

/** The key and value that mark a secret on the wire (sdk/nodejs/runtime/rpc.ts, specialSigKey). */
const SIGNATURE = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

/** A secret of this value, as it is in `Registered.inputs`. */
export function secret(value: unknown) {
  return { ...SIGNATURE, value };
}

/** Inputs as the provider gets them: without the marks of secrets. */
export function unmarked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unmarked);
  if (value === null || typeof value !== "object") return value;
  if (Object.keys(SIGNATURE).some((key) => key in value)) return unmarked((value as { value?: unknown }).value);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, unmarked(one)]));
}

const nameOf = (urn: string) => urn.split("::").pop() ?? "";

/** Outputs that the provider would generate, by kind. */
export const GENERATED = {
  TlsCertificate: { certificate: "CERT", privateKey: "KEY" },
  Password: { value: "GENERATED" },
};

const original = MockMonitor.prototype.registerResource;

/** Runs the program against mocks of the engine, as project "shop" and stack "test", and returns what it registered. */
export async function register(
  program: () => unknown,
  outputs: Record<string, object> = GENERATED,
): Promise<Registered[]> {
  const registered: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      call: ({ inputs }) => inputs,
      newResource: ({ type, name, inputs }) => ({
        id: name,
        state: { ...inputs, ...outputs[type.split(":").pop() ?? ""] },
      }),
    },
    "shop",
    "test",
  );
  const spy = jest.spyOn(MockMonitor.prototype, "registerResource").mockImplementation(function (
    this: MockMonitor,
    request,
    callback,
  ) {
    registered.push({
      type: request.getType(),
      name: request.getName(),
      inputs: request.getObject().toJavaScript(),
      dependsOn: request.getDependenciesList().map(nameOf),
      deletedWith: nameOf(request.getDeletedwith()),
      replaceWith: request.getReplaceWithList().map(nameOf),
      secretOutputs: request.getAdditionalsecretoutputsList(),
      parent: nameOf(request.getParent()),
    });
    return original.call(this, request, callback);
  });
  try {
    await program();
    await pulumi.runtime.disconnect();
    return registered;
  } finally {
    spy.mockRestore();
  }
}

/** The only resource of this kind, or of this kind and name. */
export function only(registered: readonly Registered[], kind: string, name?: string): Registered {
  const found = registered.filter(({ type, ...it }) => type.endsWith(`:${kind}`) && (!name || it.name === name));
  if (found.length !== 1 || !found[0])
    throw new Error(`${found.length} of ${kind} ${name ?? ""}: ${registered.map((it) => `${it.type} ${it.name}`)}`);
  return found[0];
}
