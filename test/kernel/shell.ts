import { once } from "node:events";
import { Client, type ClientChannel } from "ssh2";
import { poll } from "../../provider/host/poll";

interface Ended {
  readonly exit: number | null;
  /** The signal that ended the script, where the script did not exit. */
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A connection of the tests to a host, for what an administrator would do by hand. The connection is opened when it is
 * first needed.
 */
export class Shell {
  #client: Promise<Client> | undefined;
  /** Why the last connection ended. */
  #lost = "";

  constructor(
    readonly address: string,
    private readonly privateKey: string,
  ) {}

  /** Runs a script and returns its output. Any exit status but 0 is an error. */
  async run(script: string, input = ""): Promise<string> {
    const { exit, signal, stdout, stderr } = await this.attempt(script, input);
    if (exit === 0) return stdout;
    throw new Error(`${this.address}: exit ${signal ?? exit ?? this.#lost}: ${script}\n${stdout}${stderr}`);
  }

  /** Runs a script. Any end of the script is a result and no error. */
  async attempt(script: string, input = ""): Promise<Ended> {
    this.#client ??= this.#connect();
    const client = await this.#client;
    return new Promise((resolve, reject) =>
      client.exec(script, (error, channel) => {
        if (error) reject(error);
        // Listen at once: a quick script may end together with the answer that it began.
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
    // A connection may report its end when another connection already exists.
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
      // Otherwise each script waits 40 ms for a delayed acknowledgement.
      client.on("connect", () => client.setNoDelay(true));
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
