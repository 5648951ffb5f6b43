import { kinds } from "./kinds";
import { endWithEngine } from "./pulumi/engine";
import type { Handler } from "./pulumi/handler";
import { resource } from "./pulumi/resource";
import { password } from "./values/password";
import { tlsCertificate } from "./values/tls-certificate";
import { rollout } from "./workflows/rollout/rollout";
import { trafficCheck } from "./workflows/traffic-check/traffic-check";

const workflows: Readonly<Record<string, Handler>> = {
  Password: password,
  Rollout: rollout,
  TlsCertificate: tlsCertificate,
  TrafficCheck: trafficCheck,
};

/**
 * The door: what Pulumi's dynamic-provider process calls for resources of this kind. The name of this function and its
 * argument stand in the state of every stack.
 */
export function provider(name: string): Handler {
  endWithEngine();
  const kind = kinds.get(name);
  const handler = kind ? resource(kind) : workflows[name];
  if (!handler)
    throw new Error(`pulumi-lvs-provider has no kind ${name}: is it older than the pulumi-lvs that declared it?`);
  return handler;
}
