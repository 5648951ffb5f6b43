import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keysRefused } from "../../provider/host/authentication";
import { sh } from "../../provider/host/command";
import type { DeclaredHost } from "../../provider/host/declared";
import { closeIdle, withSession } from "../../provider/host/pool";
import { checkup } from "../../provider/operations/doctor";
import { keyPair } from "../key-pair";
import { client, host, type ServerOptions, SshServer } from "./ssh-server";

const folder = mkdtempSync(join(tmpdir(), "lvs-trust-"));

/** The files of this machine that a test has others for. */
const mockFiles = new Map<string, string>();
jest.mock("../../provider/host/naming", () => {
  const real = jest.requireActual("../../provider/host/naming");
  return { ...real, localFile: (path: string) => mockFiles.get(path) ?? real.localFile(path) };
});
const trace = join(folder, "trace");
const messages: string[] = [];
const open: SshServer[] = [];
let files = 0;

function file(text: string): string {
  const path = join(folder, `file${files++}`);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

async function server(options?: ServerOptions): Promise<SshServer> {
  const made = await new SshServer(options).listen();
  open.push(made);
  return made;
}

/** Tries to log in. Returns the message of the refusal, or "in". */
async function logIn(declared: DeclaredHost): Promise<string> {
  try {
    const answer = await withSession(declared, (session) => session.run({ looks: [sh("echo in")] }));
    return answer.looks[0]?.stdout.trim() ?? "";
  } catch (error) {
    messages.push((error as Error).message);
    return `${(error as { what?: string }).what}: ${(error as Error).message}`;
  }
}

const fingerprint = (publicKey: string) =>
  execFileSync("ssh-keygen", ["-lf", file(`${publicKey}\n`)], { encoding: "utf8" }).split(" ")[1] as string;

beforeAll(() => {
  process.env.LVS_TRACE = trace;
});
afterEach(() => {
  closeIdle();
  for (const each of open.splice(0)) each.close();
});
afterAll(() => {
  delete process.env.LVS_TRACE;
  rmSync(folder, { recursive: true });
});

describe("the host's key", () => {
  const other = keyPair();

  test.each([
    ["a public key", host.public],
    ["a public key with a comment", `${host.public} root@rs1`],
    ["a line of ssh-keyscan", `10.0.0.3 ${host.public}`],
    ["several lines", `# rs1\n${other.public}\n${host.public}\n`],
    ["one of several", [other.public, host.public]],
    ["a fingerprint", fingerprint(host.public)],
  ])("is accepted when it is declared as %s", async (_what, hostKey) => {
    expect(await logIn((await server()).declared({ hostKey }))).toBe("in");
  });

  test("is not accepted when another one is declared; nothing is authenticated or retried", async () => {
    const there = await server();
    const said = await logIn(there.declared({ hostKey: other.public, ready: 60 }));
    expect(said).toMatch(/^untrusted: host rs1 \(127\.0\.0\.1:\d+\): it presented the host key ssh-ed25519 SHA256:/);
    expect(said).toContain(`${fingerprint(host.public)}, expected is ssh-ed25519 ${fingerprint(other.public)}`);
    expect(said).toContain(`declare hostKey: "${host.public}`);
    expect([there.logins, there.connections]).toEqual([[], 1]);
    const resource = { kind: "Sysctl", name: "it", id: "it", parents: [], state: {} };
    expect(await checkup([{ ...resource, inputs: { host: there.declared({ hostKey: other.public }) } }])).toMatchObject(
      [{ host: "rs1", error: expect.stringContaining("it presented the host key"), advice: [] }],
    );
  });

  test("is unknown: the error says how to pin it, and the advice works", async () => {
    const there = await server();
    const knownHosts = join(folder, "none-yet");
    const said = await logIn(there.declared({ hostKey: undefined, knownHosts }));
    expect(said).toMatch(/^untrusted: .*its host key is not known: it presented ssh-ed25519 SHA256:/);
    expect(there.logins).toEqual([]);
    const [, hostKey] = /declare hostKey: "([^"]+)"/.exec(said) as RegExpExecArray;
    expect(await logIn(there.declared({ hostKey }))).toBe("in");
    const [, command] = /or run: (echo .*)$/.exec(said) as RegExpExecArray;
    execFileSync("sh", ["-c", command as string]);
    expect(await logIn(there.declared({ hostKey: undefined, knownHosts }))).toBe("in");
  });

  test("is looked up in known_hosts, plain and hashed, with the port", async () => {
    const there = await server();
    const plain = file(`[127.0.0.1]:${there.port} ${host.public}\n`);
    const hashed = file(readFileSync(plain, "utf8"));
    execFileSync("ssh-keygen", ["-H", "-f", hashed], { stdio: "ignore" });
    expect(readFileSync(hashed, "utf8")).not.toContain("127.0.0.1");
    for (const knownHosts of [plain, hashed])
      expect(await logIn(there.declared({ hostKey: undefined, knownHosts }))).toBe("in");
    const elsewhere = file(`127.0.0.1 ${host.public}\n[127.0.0.1]:1 ${host.public}\n`);
    expect(await logIn(there.declared({ hostKey: undefined, knownHosts: elsewhere }))).toMatch("is not known");
  });

  test("is found under a hashed name, whatever letters the address is written in", async () => {
    const there = await server();
    const hashed = file(`[localhost]:${there.port} ${host.public}\n`);
    execFileSync("ssh-keygen", ["-H", "-f", hashed], { stdio: "ignore" });
    const declared = there.declared({ hostKey: undefined, knownHosts: hashed, address: "LocalHost" });
    expect(await logIn(declared)).toBe("in");
  });

  test("is looked up in the user's known_hosts and in that of the machine, where none is declared", async () => {
    const there = await server();
    const [own, global] = ["~/.ssh/known_hosts", "/etc/ssh/ssh_known_hosts"] as const;
    const [right, wrong] = [host, other].map((key) => file(`[127.0.0.1]:${there.port} ${key.public}\n`)) as [
      string,
      string,
    ];
    const revoked = file(`@revoked [127.0.0.1]:${there.port} ${host.public}\n`);
    const none = join(folder, "never-written");
    const withFiles = (users: string, machines: string) => {
      mockFiles.set(own, users).set(global, machines);
      return logIn(there.declared({ hostKey: undefined }));
    };
    expect(await withFiles(none, right)).toBe("in");
    closeIdle();
    expect(await withFiles(right, none)).toBe("in");
    closeIdle();
    expect(await withFiles(none, none)).toContain(`${none} has no key for`);
    expect(await withFiles(none, wrong)).toMatch(new RegExp(`^untrusted: .*\\(from ${wrong}\\)`));
    expect(await withFiles(right, revoked)).toMatch(/^untrusted: .*@revoked/);
    // A file that is declared is the only one.
    expect(await logIn(there.declared({ hostKey: undefined, knownHosts: none }))).toMatch("is not known");
    mockFiles.clear();
  });

  test("that changed since it was written to known_hosts: the advice works", async () => {
    const there = await server();
    const knownHosts = file(`[127.0.0.1]:${there.port} ${other.public}\n`);
    const declared = there.declared({ hostKey: undefined, knownHosts });
    const [, command] = /Only if it was replaced: (.*)$/.exec(await logIn(declared)) as RegExpExecArray;
    execFileSync("sh", ["-c", command as string], { stdio: "ignore" });
    expect(await logIn(declared)).toBe("in");
  });

  test("that is revoked is not accepted, even if it is known", async () => {
    const there = await server();
    const name = `[127.0.0.1]:${there.port}`;
    const knownHosts = file(`${name} ${host.public}\n@revoked ${name} ${host.public}\n`);
    expect(await logIn(there.declared({ hostKey: undefined, knownHosts }))).toMatch(/^untrusted: .*@revoked/);
  });

  test.each([
    ["@revoked", "a key that is never to be trusted"],
    ["@cert-authority", "no key of a host"],
  ])("is not trusted when it is declared with the mark %s", async (mark, words) => {
    const there = await server();
    for (const hostKey of [`${mark} * ${host.public}`, `${host.public}\n ${mark} 127.0.0.1 ${host.public}`, [mark]]) {
      const said = await logIn(there.declared({ hostKey }));
      expect(said).toMatch(/^untrusted: host rs1 /);
      expect(said).toContain(
        `with the mark ${mark}, which says that it is ${words}: declare the host's own public key`,
      );
    }
    expect(there.connections).toBe(0);
  });

  test("of the pinned type is asked for, where the host has several", async () => {
    const [rsa, ecdsa] = [keyPair("rsa"), keyPair("ecdsa")];
    const there = await server({ hostKeys: [host.private, rsa.private, ecdsa.private] });
    for (const { public: hostKey } of [host, rsa, ecdsa]) expect(await logIn(there.declared({ hostKey }))).toBe("in");
  });

  test("that is no key is refused before anything is dialled", async () => {
    const there = await server();
    expect(await logIn(there.declared({ hostKey: "ssh-ed25519" }))).toMatch(/^untrusted: .*neither a public key/);
    expect(there.connections).toBe(0);
  });

  test("is not checked when that is switched off in words", async () => {
    const declared = (await server()).declared({ hostKey: undefined, knownHosts: "/none", hostKeyChecking: "off" });
    expect(await logIn(declared)).toBe("in");
  });
});

describe("our key", () => {
  const secret = "the passphrase of the test";
  const encrypted = keyPair("ed25519", secret);
  const stranger = keyPair();

  test("is read from a file, whatever its type", async () => {
    const keys = [client, keyPair("ecdsa"), keyPair("rsa")];
    const there = await server({ authorized: keys.map((key) => key.public) });
    for (const key of keys)
      expect(await logIn(there.declared({ privateKey: undefined, privateKeyFile: file(key.private) }))).toBe("in");
  });

  test("is refused: the error has the user, the address and the keys", async () => {
    const there = await server();
    const given = await logIn(there.declared({ privateKey: stranger.private, ready: 60 }));
    expect(given).toMatch(
      /^refused: host rs1 \(127\.0\.0\.1:\d+\): user root was not let in with the given privateKey/,
    );
    expect(given).toContain(fingerprint(stranger.public));
    expect(given).toContain("authorized_keys");
    const privateKeyFile = file(stranger.private);
    const said = await logIn(there.declared({ privateKey: undefined, privateKeyFile, user: "admin" }));
    expect(said).toContain(`user admin was not let in with ${privateKeyFile} (ssh-ed25519 SHA256:`);
    expect(there.connections).toBe(2);
  });

  test.each<[string, ServerOptions["refuses"], RegExp]>([
    ["no reason", undefined, /Add the public key to authorized_keys of root there, .*\(PermitRootLogin, AllowUsers/],
    [
      "that another factor is missing",
      { left: ["keyboard-interactive"], partial: true },
      /The key was accepted, and the host asks for keyboard-interactive as well \(AuthenticationMethods/,
    ],
    [
      "that it takes passwords alone",
      { left: ["password"] },
      /takes no key there, only password \(PubkeyAuthentication/,
    ],
  ])("is refused with %s: the cure fits", async (_, refuses, cure) => {
    const there = await server({ authorized: [], ...(refuses && { refuses }) });
    const said = await logIn(there.declared());
    expect(said).toMatch(cure);
    expect(said.includes("authorized_keys")).toBe(refuses === undefined);
  });

  test("is one of too many: the cure is to name one", async () => {
    const refusal = { left: ["publickey"], partial: false, tooMany: true };
    const { message } = keysRefused((await server()).declared(), { methods: [], tried: ["agent (9 keys)"] }, refusal);
    expect(message).toMatch(
      /not let in with agent \(9 keys\)\. The host gave up after so many keys \(MaxAuthTries.*privateKeyFile/,
    );
    expect(message).not.toContain("authorized_keys");
  });

  test("a hardened host is not called too old alone: what is offered here is told", async () => {
    const there = await server({ algorithms: { kex: ["diffie-hellman-group1-sha1"] } });
    const said = await logIn(there.declared());
    expect(said).toMatch(
      /^refused: .*no matching key exchange algorithm\. rs1 is either too old, or hardened: .*curve25519-sha256, /,
    );
    expect(there.connections).toBe(1);
  });

  test("is encrypted: the passphrase is there, is missing, or is wrong", async () => {
    const there = await server({ authorized: [encrypted.public] });
    const privateKey = encrypted.private;
    expect(await logIn(there.declared({ privateKey, passphrase: secret }))).toBe("in");
    expect(await logIn(there.declared({ privateKey }))).toMatch(/^refused: .*encrypted: declare passphrase/);
    expect(await logIn(there.declared({ privateKey, passphrase: "wrong" }))).toMatch(/^refused: .*passphrase is wrong/);
    expect(there.connections).toBe(1);
  });

  test("is no key, or is missing: it is refused before anything is dialled", async () => {
    const there = await server();
    expect(await logIn(there.declared({ privateKey: "no key" }))).toMatch(/^refused: .*not a private key/);
    expect(await logIn(there.declared({ privateKey: client.public }))).toMatch(/^refused: .*public key/);
    expect(await logIn(there.declared({ privateKey: "ssh-ed25519-cert-v01@openssh.com AAAA" }))).toMatch(
      /^refused: .*a user's certificate, which is not supported/,
    );
    const token = Buffer.from("openssh-key-v1\0\0\0sk-ssh-ed25519@openssh.com\0").toString("base64");
    const privateKey = `-----BEGIN OPENSSH PRIVATE KEY-----\n${token}\n-----END OPENSSH PRIVATE KEY-----\n`;
    expect(await logIn(there.declared({ privateKey }))).toMatch(
      /^refused: .*security token \(sk\), which is not supported/,
    );
    const privateKeyFile = "no/such/key";
    expect(await logIn(there.declared({ privateKey: undefined, privateKeyFile }))).toMatch(/^refused: .*no\/such\/key/);
    expect(there.connections).toBe(0);
  });

  test("is asked of an agent that does not answer: the error says so", async () => {
    const there = await server({ authorized: [stranger.public] });
    const said = await logIn(there.declared({ privateKey: undefined, agent: join(folder, "no-agent") }));
    expect(said).toMatch(/^refused: .*agent .*no-agent/);
  });

  test("is in an agent", async () => {
    const socket = join(folder, "agent");
    const said = execFileSync("ssh-agent", ["-a", socket], { encoding: "utf8" });
    try {
      execFileSync("ssh-add", [file(client.private)], {
        env: { ...process.env, SSH_AUTH_SOCK: socket },
        stdio: "ignore",
      });
      expect(await logIn((await server()).declared({ privateKey: undefined, agent: socket }))).toBe("in");
    } finally {
      process.kill(Number(/SSH_AGENT_PID=(\d+)/.exec(said)?.[1]));
    }
  });

  test("is in no message and no trace, and neither is a passphrase or a command", () => {
    const all = messages.join("\n") + readFileSync(trace, "utf8");
    expect(messages.length).toBeGreaterThan(10);
    for (const text of [client.private, encrypted.private, stranger.private])
      for (const line of text.split("\n").filter((line) => line && !line.startsWith("-----")))
        expect(all).not.toContain(line);
    for (const text of [secret, "PRIVATE", "echo in"]) expect(all).not.toContain(text);
    const events = readFileSync(trace, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(new Set(events.map(({ event }) => event))).toEqual(new Set(["dial", "exec"]));
  });
});
