import { HostError } from "../../provider/host/errors";
import { kinds } from "../../provider/kinds";
import type { Handler, Props } from "../../provider/pulumi/handler";
import { kindHandler } from "../../provider/pulumi/kind-handler";
import { workflowHandler } from "../../provider/pulumi/workflow";
import type { Kind } from "../../provider/reconcile/kind";
import { workflows } from "../../provider/workflows";

// A state of another version, or one that somebody has changed by hand.

const mockAsked = jest.fn();
jest.mock("../../provider/host/pool", () => ({
  withSession: (_: unknown, work: (session: object) => unknown) => work({ name: "d1", run: mockAsked }),
}));

const host = { name: "d1", address: "192.0.2.1" };
const directors = [host, { name: "d2", address: "192.0.2.3" }];
const states: Readonly<Record<string, Props>> = {
  Failover: { instance: "shop", addresses: ["192.0.2.9"], directors },
  Handover: { instance: "shop", addresses: ["192.0.2.9"], directors },
  Rollout: {
    ...{ site: "shop", root: "/srv/shop", release: "0123abcd", user: "shop", ready: { path: "/ready" } },
    ...{ servers: [{ host, address: "192.0.2.2" }], directors: [{ host, vip: "192.0.2.9" }] },
  },
  Sysctl: { key: "net.ipv4.ip_forward", value: "1", boot: true, host, owner: "p/s/r", claim: "0" },
  VirtualService: {
    ...{
      protocol: "tcp",
      address: "192.0.2.9",
      port: 80,
      scheduler: "wrr",
      forwarding: "dr",
      boot: true,
      host,
      owner: "p/s/r",
      claim: "0",
    },
    destinations: { "192.0.2.2:80": { weight: 1 } },
  },
};

const handlerOf = (name: string) =>
  (kinds.has(name)
    ? kindHandler(kinds.get(name) as Kind)
    : workflowHandler(workflows.get(name) as never)) as Required<Handler>;

const asked = (name: string, state: Props) => {
  const handler = handlerOf(name);
  return [handler.read, handler.delete].map((act) => () => act("id", state) as Promise<unknown>);
};

beforeEach(() => {
  jest.spyOn(console, "log").mockImplementation(() => {});
  mockAsked.mockReset().mockRejectedValue(new HostError("not reached", "refused"));
});

test.each([
  ["Failover", "instance"],
  ["Failover", "directors"],
  ["Rollout", "root"],
  ["Rollout", "servers"],
  ["Sysctl", "key"],
  ["VirtualService", "destinations"],
])("%s without %s: nothing is asked of a host, and the cure is told", async (name, lacks) => {
  const { [lacks]: _, ...state } = states[name] as Props;
  for (const act of asked(name, state))
    await expect(act()).rejects.toThrow(
      new RegExp(`^${name}: the stack's state cannot be used: ${lacks}: is missing.*pulumi state delete`, "s"),
    );
  expect(mockAsked).not.toHaveBeenCalled();
});

test("a nested part is missing", async () => {
  const state = { ...states.Rollout, servers: [{ host }] };
  for (const act of asked("Rollout", state))
    await expect(act()).rejects.toThrow(/cannot be used: servers.*address.*: is missing/);
  expect(mockAsked).not.toHaveBeenCalled();
});

test.each([
  ["Failover", { instance: "of a former rule" }],
  ["Rollout", { user: "Former Rule" }],
  ["Rollout", { colour: "of another version" }],
  ["Sysctl", { colour: "of another version" }],
])("%s %j: a former version allowed it, and it can still be refreshed and taken away", async (name, former) => {
  for (const act of asked(name, { ...(states[name] as Props), ...former })) {
    mockAsked.mockClear();
    await act().catch((error) => expect(error).toBeInstanceOf(HostError));
    expect(mockAsked).toHaveBeenCalled();
  }
});
