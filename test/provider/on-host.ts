import { kinds } from "../../provider/kinds";
import type { Kind } from "../../provider/reconcile/kind";
import { apply, read, remove } from "../../provider/reconcile/reconcile";
import { hostsArePossible, MemoryHost } from "./memory-host";

/** Skips the tests where no host can be made. Mount namespaces need root. */
export const onHosts = hostsArePossible ? describe : describe.skip;

/** Resources of one kind. Each test gets a new host. */
export function resources(name: string) {
  const kind = kinds.get(name) as Kind;
  const state = { host: undefined as unknown as MemoryHost };
  beforeEach(() => {
    state.host = new MemoryHost();
  });
  afterEach(() => state.host[Symbol.dispose]());
  const want = (inputs: object) => kind.inputs.parse(inputs);
  return {
    kind,
    get host() {
      return state.host;
    },
    want,
    make: (inputs: object, had?: object, owner = "p/s/r") =>
      apply(kind, state.host, { owner, want: want(inputs), had: had && want(had) }),
    read: (inputs: object, owner = "p/s/r") => read(kind, state.host, { owner, want: want(inputs) }),
    drop: (inputs: object, owner = "p/s/r") => remove(kind, state.host, { owner, had: want(inputs) }),
    /** Everything of our scripts that other users of the host could see. */
    seenByOthers: () =>
      [
        ...state.host.scripts.flatMap(({ steps = [], looks = [] }) =>
          [...steps, ...looks].map(JSON.stringify as never),
        ),
        ...state.host.calls(),
      ].join("\n"),
  };
}
