import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter } from "node:events";
import { connect, createServer, type Server as NetServer, type Socket } from "node:net";
import { type Algorithms, type AuthContext, type ParsedKey, Server, type ServerChannel, utils } from "ssh2";
import { type DeclaredHost, declaredHost } from "../../provider/host/declared";
import { keyPair } from "../key-pair";

export interface ServerOptions {
  hostKeys?: string[];
  /** Public keys that the server accepts. Default: the key of `client`. */
  authorized?: string[];
  algorithms?: Algorithms;
  /** What the server says to everybody that it does not let in. Default: that a key may go on. */
  refuses?: { left: string[]; partial?: boolean };
  /** What an exec request runs. Default: a local `sh -c`. */
  exec?: (command: string) => ChildProcess;
  env?: NodeJS.ProcessEnv;
  port?: number;
  /** How many sessions a connection may have open, like sshd's MaxSessions. */
  maxSessions?: number;
  forwards?: boolean;
  /** The connection is cut after this many bytes of an exec's input. */
  cutAfter?: number;
}

export const host = keyPair();
export const client = keyPair();

/**
 * An SSH server in this process. Scripts really run, in a local `sh`. The server counts connections, channels and
 * requests.
 */
export class SshServer extends EventEmitter {
  readonly logins: string[] = [];
  readonly commands: string[] = [];
  connections = 0;
  sessions = 0;
  mostSessions = 0;
  port = 0;
  readonly #sockets = new Set<Socket>();
  readonly #children = new Set<ChildProcess>();
  readonly #options: ServerOptions;
  readonly #ssh: Server;
  #net: NetServer | undefined;

  constructor(options: ServerOptions = {}) {
    super();
    this.#options = options;
    this.#ssh = new Server(
      { hostKeys: options.hostKeys ?? [host.private], algorithms: options.algorithms },
      (connection) => {
        connection.on("error", () => {});
        connection.on("authentication", (login) => this.#login(login));
        connection.on("ready", () => {
          connection.on("session", (accept, reject) => {
            if (this.sessions >= (options.maxSessions ?? 10)) return reject();
            this.sessions++;
            this.mostSessions = Math.max(this.mostSessions, this.sessions);
            const session = accept();
            session.on("close", () => this.sessions--);
            session.on("exec", (acceptExec, _reject, { command }) => this.#exec(command, acceptExec()));
          });
          connection.on("tcpip", (accept, reject, { destIP, destPort }) => {
            if (options.forwards === false) return reject();
            const socket = connect(destPort, destIP);
            socket.once("error", () => reject());
            socket.once("connect", () => {
              const channel = accept();
              channel.on("error", () => {});
              socket.on("error", () => {});
              socket.pipe(channel).pipe(socket);
              channel.on("close", () => socket.destroy());
            });
          });
        });
      },
    );
  }

  async listen(): Promise<this> {
    this.#net = createServer((socket) => {
      this.connections++;
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => {});
      socket.on("close", () => this.#sockets.delete(socket));
      this.#ssh.injectSocket(socket);
    });
    await new Promise<void>((resolve) => this.#net?.listen(this.#options.port ?? 0, "127.0.0.1", resolve));
    this.port = (this.#net.address() as { port: number }).port;
    return this;
  }

  /** Resets every connection, as a host does that knows the connection no longer. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  close(): void {
    this.#net?.close();
    for (const socket of this.#sockets) socket.destroy();
    for (const child of this.#children) {
      child.unref();
      for (const stream of child.stdio) stream?.destroy();
    }
  }

  /** Declares this server as a host. */
  declared(more: Partial<DeclaredHost> = {}): DeclaredHost {
    const known = { hostKey: host.public, privateKey: client.private, agent: "off", ready: 5 };
    return declaredHost.parse({ name: "rs1", address: "127.0.0.1", port: this.port, ...known, ...more });
  }

  #login(login: AuthContext): void {
    this.logins.push(login.method);
    if (this.#letsIn(login)) login.accept();
    else login.reject((this.#options.refuses?.left ?? ["publickey"]) as never, this.#options.refuses?.partial);
  }

  #letsIn(login: AuthContext): boolean {
    if (login.method !== "publickey") return false;
    const authorized = (this.#options.authorized ?? [client.public]).map((text) => utils.parseKey(text) as ParsedKey);
    const key = authorized.find((each) => each.getPublicSSH().equals(login.key.data));
    if (!key || !login.signature) return key !== undefined;
    return key.verify(login.blob as Buffer, login.signature, login.hashAlgo) === true;
  }

  #exec(command: string, channel: ServerChannel): void {
    this.commands.push(command);
    const { exec, env, cutAfter } = this.#options;
    const child = exec?.(command) ?? spawn("sh", ["-c", command], { env: { ...process.env, ...env } });
    this.#children.add(child);
    channel.on("error", () => {});
    child.stdin?.on("error", () => {});
    let received = 0;
    channel.on("data", (chunk: Buffer) => {
      received += chunk.length;
      if (cutAfter !== undefined && received >= cutAfter) this.cut();
      else child.stdin?.write(chunk);
    });
    channel.on("end", () => child.stdin?.end());
    // The writes follow one after the other. ssh2's server loses what is written to stderr while stdout waits for the
    // window.
    let said = Promise.resolve();
    const say = (stream: NodeJS.WritableStream) => (chunk: Buffer) => {
      said = said.then(() => new Promise((resolve) => stream.write(chunk, () => resolve())));
    };
    child.stdout?.on("data", say(channel));
    child.stderr?.on("data", say(channel.stderr));
    // sshd reports the exit when the command ends, and closes the channel when the output ends.
    child.on("exit", (code, signal) => {
      if (code === null) channel.exit(signal?.replace("SIG", "") as string, false, "");
      else channel.exit(code);
    });
    child.on("close", () => {
      this.#children.delete(child);
      said.then(() => channel.end());
    });
    this.emit("exec", child);
  }
}

/**
 * A link in front of a port, with a delay in each direction. The link counts round trips: how often the far side spoke
 * after the near side. The count begins at one for TCP's own handshake.
 */
export class SlowLink {
  port = 0;
  roundTrips = 1;
  readonly #sockets = new Set<Socket>();
  #net: NetServer | undefined;

  async listen(target: number, oneWay: number, host = "127.0.0.1"): Promise<this> {
    this.#net = createServer((near) => {
      const far = connect({ port: target, host, noDelay: true });
      near.setNoDelay(true);
      let last: "near" | "far" | undefined;
      const carry = (from: Socket, to: Socket, side: "near" | "far") => {
        this.#sockets.add(from);
        from.on("error", () => {});
        from.on("data", (chunk) => {
          if (side === "far" && last === "near") this.roundTrips++;
          last = side;
          setTimeout(() => to.writable && to.write(chunk), oneWay);
        });
        from.on("end", () => setTimeout(() => to.end(), oneWay));
        from.on("close", () => this.#sockets.delete(from));
      };
      carry(near, far, "near");
      carry(far, near, "far");
    });
    await new Promise<void>((resolve) => this.#net?.listen(0, "127.0.0.1", resolve));
    this.port = (this.#net.address() as { port: number }).port;
    return this;
  }

  close(): void {
    this.#net?.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
