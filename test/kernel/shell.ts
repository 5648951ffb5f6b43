import { once } from "node:events";
import { Client, type ClientChannel } from "ssh2";
import { poll } from "../../provider/host/poll";

interface Ended {
  readonly exit: number | null;
  /** What ended it, where it did not exit. */
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** A connection of the tests' own to a host, to do there by hand what an administrator would; opened when it is first needed. */
export class Shell {
  #client: Promise<Client> | undefined;
  /** Why the last connection ended. */
  #lost = "";

  constructor(
    readonly address: string,
    private readonly privateKey: string,
  ) {}

  /** Runs a script and returns what it printed; anything but success is an error. */
  async run(script: string, input = ""): Promise<string> {
    const { exit, signal, stdout, stderr } = await this.attempt(script, input);
    if (exit === 0) return stdout;
    throw new Error(`${this.address}: exit ${signal ?? exit ?? this.#lost}: ${script}\n${stdout}${stderr}`);
  }

  /** The same, where any end is as good. */
  async attempt(script: string, input = ""): Promise<Ended> {
    this.#client ??= this.#connect();
    const client = await this.#client;
    return new Promise((resolve, reject) =>
      client.exec(script, (error, channel) => {
        if (error) reject(error);
        // At once: the end of a quick script may have come with the answer that it began.
        else ended(channel).then(resolve, reject);
        channel?.end(input);
      }),
    );
  }

  /** Waits until the host answers. */
  async ready(seconds = 60): Promise<void> {
    const attempt = () => {
      this.#client ??= this.#connect();
      return this.#client.then(
        () => undefined,
        (error: Error) => error,
      );
    };
    const failure = await poll(attempt, (error) => error === undefined, { within: seconds, every: 0.1 });
    if (failure) throw failure;
  }

  close(): void {
    this.#client?.then((client) => client.destroy()).catch(() => {});
    this.#client = undefined;
  }

  #connect(): Promise<Client> {
    // One that ended may hear of it when there is another one already.
    const forget = () => {
      if (this.#client === connecting) this.#client = undefined;
    };
    const connecting = new Promise<Client>((resolve, reject) => {
      const client = new Client();
      const failed = (error: Error) => {
        this.#lost ||= error.message;
        forget();
        client.destroy();
        reject(error);
      };
      client.on("error", failed).on("close", () => failed(new Error(`${this.address}: the connection was closed`)));
      client.on("ready", () => {
        this.#lost = "";
        resolve(client);
      });
      const { address: host, privateKey } = this;
      client.connect({ host, privateKey, username: "root", readyTimeout: 30_000, hostVerifier: () => true });
    });
    return connecting;
  }
}

async function ended(channel: ClientChannel): Promise<Ended> {
  let stdout = "";
  let stderr = "";
  let exit: number | null = null;
  let signal: string | undefined;
  channel.on("data", (some: Buffer) => (stdout += some));
  channel.stderr.on("data", (some: Buffer) => (stderr += some));
  channel.on("exit", (code: number | null, by?: string) => {
    exit = code;
    signal = by;
  });
  await once(channel, "close");
  return { exit, signal, stdout, stderr };
}
