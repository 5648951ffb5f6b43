import type { Answer, Script, Session } from "../../../provider/host/command";
import { SharedLooks } from "../../../provider/workflows/rollout/shared-looks";

/** A session whose scripts end when the test says so. */
class Host implements Session {
  readonly name = "director";
  readonly ran: { readonly script: Script; end(failure?: Error): void }[] = [];

  run(script: Script): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const looks = [{ exit: 0, stdout: `answer ${this.ran.length + 1}`, stderr: "" }];
      this.ran.push({
        script,
        end: (failure) => (failure ? reject(failure) : resolve({ machine: "", steps: [], looks })),
      });
    });
  }
  async upload(): Promise<void> {}
  async reconnect(): Promise<void> {}
}

const TABLE: Script = { looks: [{ argv: ["ipvsadm", "-Sn"] }] };
const turns = async () => {
  for (let i = 0; i < 5; i++) await new Promise((turn) => setImmediate(turn));
};

describe("looks that several wait for", () => {
  let host: Host;
  let ask: (script?: Script) => Promise<string>;
  beforeEach(() => {
    host = new Host();
    const looks = new SharedLooks();
    ask = async (script = TABLE) => {
      const { looks: replies } = await looks.of(host).run(script);
      return replies[0]?.stdout ?? "";
    };
  });
  const end = async (at: number, failure?: Error) => {
    await turns();
    host.ran[at]?.end(failure);
    await turns();
  };

  test("run once; who asks meanwhile gets the next answer, together", async () => {
    const early = [ask(), ask()];
    await turns();
    const late = [ask(), ask(), ask()];
    await turns();
    expect(host.ran).toHaveLength(1);
    await end(0);
    expect(await Promise.all(early)).toEqual(["answer 1", "answer 1"]);
    expect(host.ran).toHaveLength(2);
    await end(1);
    expect(await Promise.all(late)).toEqual(["answer 2", "answer 2", "answer 2"]);
  });

  test("wait for nobody who asks for something else, or changes something", async () => {
    const all = [ask(), ask({ looks: [{ argv: ["ip", "address"] }] })];
    const step: Script = { steps: [{ argv: ["ipvsadm", "-R"] }], looks: TABLE.looks ?? [] };
    all.push(ask(step), ask(step));
    await turns();
    expect(host.ran).toHaveLength(4);
    for (const at of host.ran.keys()) await end(at);
    expect((await Promise.all(all)).sort()).toEqual(["answer 1", "answer 2", "answer 3", "answer 4"]);
  });

  test("fail for all who wait, and for nobody later", async () => {
    const early = Promise.allSettled([ask(), ask()]);
    await turns();
    const late = ask();
    await end(0, new Error("cut"));
    expect((await early).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await end(1);
    expect(await late).toBe("answer 2");
  });
});
