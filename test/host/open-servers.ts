import { closeIdle } from "../../provider/host/pool";
import { type ServerOptions, SshServer } from "./ssh-server";

/** What a test has opened. It is closed after the test. */
export const open: { close(): void }[] = [];

/** Starts an SSH server for one test. */
export async function server(options?: ServerOptions): Promise<SshServer> {
  const made = await new SshServer(options).listen();
  open.push(made);
  return made;
}

afterEach(() => {
  closeIdle();
  for (const each of open.splice(0)) each.close();
});
