import { Declared } from "./declared";
import { MemoryHost } from "./memory-host";
import { onHosts } from "./on-host";

// One host, and one setting on it that several resources declare.

export const KEY = "net.ipv4.ip_nonlocal_bind";
export const VALUE = "/proc/sys/net/ipv4/ip_nonlocal_bind";
export const ENTRY = `/var/lib/lvs/ledger/Sysctl.${KEY}`;

let current: MemoryHost;

/** The host of the test that runs. */
export const memoryHost = () => current;

/** A pool in which every host is this one, for `jest.mock("../../provider/host/pool", …)`. */
export const pool = { withSession: (_: unknown, work: (session: MemoryHost) => unknown) => work(current) };

/** What the provider has printed in this test. */
export const said: string[] = [];

export const sysctl = (owner: string, value: string | number = 1, state?: object) =>
  new Declared("Sysctl", { key: KEY, value }, owner, state as never);
export const value = () => current.text(VALUE).trim();
export const owners = () => JSON.parse(current.text(ENTRY)).owners;

export function onMemoryHost(name: string, tests: () => void): void {
  onHosts(name, () => {
    beforeEach(() => {
      said.length = 0;
      jest.spyOn(console, "log").mockImplementation((line) => said.push(String(line)));
      current = new MemoryHost();
      current.write(VALUE, "0\n");
      current.write("/etc/sysctl.d/README", "");
      current.write("/etc/motd", "found\n");
    });
    afterEach(() => current[Symbol.dispose]());
    tests();
  });
}
