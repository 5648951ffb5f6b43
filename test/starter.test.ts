import "./starter";

// The process that starts programs for the tests.

test("a program gets its words and its input, and its outputs and status come back", async () => {
  const script = 'printf "%s." "$@"; cat; echo "é" >&2; exit 3';
  const words = ["", "two words", "new\nline", "'\"$", ""];
  const ran = await starter().run(["sh", "-c", script, "sh", ...words], "in\n");
  expect(ran).toEqual({ status: 3, stdout: `${words.map((word) => `${word}.`).join("")}in\n`, stderr: "é\n" });
  expect(await starter().run(["pwd"])).toMatchObject({ status: 0, stdout: `${process.cwd()}\n` });
});

test("many that begin at once get their own input each", async () => {
  const inputs = Array.from({ length: 100 }, (_, n) => `${n}\n`.repeat(n));
  const ran = await Promise.all(inputs.map((input) => starter().run(["cat"], input)));
  expect(ran.map(({ stdout }) => stdout)).toEqual(inputs);
});

test("a signal and a missing program have the statuses that a shell gives them", async () => {
  expect((await starter().run(["sh", "-c", "kill -9 $$"])).status).toBe(128 + 9);
  const missing = await starter().run(["no-such-program"]);
  expect(missing).toEqual({ status: 127, stdout: "", stderr: expect.stringMatching(/^no-such-program: No such file/) });
});

test("programs run at the same time, and heed Ctrl-C", async () => {
  const slow = starter().run(["sh", "-c", "trap 'exit 7' INT; kill -INT $$; sleep 1; exit 8"]);
  const order: string[] = [];
  await Promise.all([
    starter()
      .run(["sleep", "0.3"])
      .then(() => order.push("slow")),
    starter()
      .run(["true"])
      .then(() => order.push("quick")),
  ]);
  expect(order).toEqual(["quick", "slow"]);
  expect((await slow).status).toBe(7);
});

test("a program that is talked to answers, and ends when nothing more will be said", async () => {
  const heard: (string | undefined)[] = [];
  const echo = 'while read -r line; do echo "$1 said <$line>"; done';
  await new Promise<void>((ended) => {
    const talk = starter().talk(["sh", "-c", echo, "sh"], (line) => {
      heard.push(line);
      if (line === "<two>") talk.end();
      if (line === undefined) ended();
    });
    talk.say("one");
    talk.say("two");
  });
  expect(heard).toEqual(["<one>", "<two>", undefined]);
});
