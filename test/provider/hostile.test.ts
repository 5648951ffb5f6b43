import { environmentText, unitWord } from "../../provider/application/unit";
import { type Command, Secret, sh } from "../../provider/host/command";
import { LvsError } from "../../provider/host/errors";
import { quote } from "../../provider/host/shell";
import { editing } from "../../provider/ipvs/ipvsadm";
import { kinds } from "../../provider/kinds";
import { netfilterText } from "../../provider/linux/netfilter-text";
import { sqlLiteral, sqlName } from "../../provider/linux/psql";
import { declared } from "../../provider/model";
import type { Change, Kind } from "../../provider/reconcile/kind";
import { runIn } from "../../provider/workflows/rollout/application-server";
import { type Case, casesOf, kindsWithCases } from "./cases";
import { HOSTILE, mutations, Sandbox } from "./hostile";
import { onHosts } from "./on-host";

/** What a kind lets a host run for a declaration: looks, steps and boot files. Nothing if the kind refuses. */
function commandsOf(kind: Kind, change: Change<object>, seen: unknown): Command[] {
  return [
    ...attempt(() => [...kind.look(change).ask]),
    ...attempt(() =>
      kind
        .plan(change, seen)
        .flatMap(({ run, until, risky }) => [run, until?.look, ...(until?.giveUp ?? []), risky?.undo])
        .filter((command) => command !== undefined),
    ),
    ...attempt(() => fragmentsOf(kind, change)),
  ];
}

/** A refusal is an LvsError, which names the text. A value of another shape than a schema lets through may break a kind. */
function attempt(make: () => Command[]): Command[] {
  try {
    const commands = make();
    for (const { argv } of commands) for (const word of argv) quote(word);
    return commands;
  } catch (error) {
    if (error instanceof LvsError || error instanceof TypeError || error instanceof URIError) return [];
    throw error;
  }
}

function fragmentsOf(kind: Kind, { want }: Change<object>): Command[] {
  const files = (want && kind.boot?.(want)) ?? [];
  return files.filter(({ path }) => path.startsWith("/etc/lvs/")).map(({ text }) => sh(text));
}

const inputOf = ({ stdin }: Command) => (stdin instanceof Secret ? stdin.reveal() : (stdin ?? ""));

/** Whether the text is in an argument, in the input, or, if only that matters, in the script itself. */
function isTouched(command: Command, text: string, script: boolean): boolean {
  const words = script ? [command.argv[2] ?? ""] : [...command.argv, inputOf(command)];
  return words.some((word) => word.includes(text.trim()));
}

/** Cases with steps; each shape of a declaration once. */
function declarations(kindName: string): Case[] {
  const all = casesOf(kindName).filter(({ want, steps }) => want && steps && steps.length > 0);
  const shape = ({ want = {} }: Case) => Object.keys(want).sort().join();
  return [...new Map(all.map((one) => [shape(one), one])).values()].slice(0, 2);
}

onHosts("a hostile text is run by nothing", () => {
  let sandbox: Sandbox;
  beforeEach(() => {
    sandbox = new Sandbox();
  });
  afterEach(() => sandbox[Symbol.dispose]());

  test.each(kindsWithCases.filter((name) => declarations(name).length > 0 && name !== "IpvsTimeouts"))(
    "in a declaration of %s, with and without its schema",
    async (kindName) => {
      const kind = kinds.get(kindName) as Kind;
      const commands: Command[] = [];
      let tried = 0;
      let refused = 0;
      for (const { want = {}, found, seen } of declarations(kindName)) {
        const normal = declared(kind.inputs, want).want as Record<string, unknown>;
        for (const text of HOSTILE)
          for (const change of [() => text, (value: string) => `${value}${text}`])
            for (const mutated of mutations(normal, change) as Record<string, unknown>[]) {
              tried++;
              const { want: accepted, problems } = declared(kind.inputs, mutated);
              if (!accepted) {
                refused++;
                expect(problems[0]?.property).not.toBe("");
              }
              // A state may hold what a schema would refuse. Then only what stands in a script matters: arguments are quoted alike.
              const one = accepted ?? mutated;
              const changes = [
                { want: one, found },
                { had: one, found },
              ] as Change<object>[];
              const made = changes.flatMap((it) => commandsOf(kind, it, seen));
              commands.push(...made.filter((it) => isTouched(it, text, !accepted)));
            }
      }
      const all = [...new Map(commands.map((one) => [JSON.stringify([one.argv, inputOf(one)]), one])).values()];
      if (process.env.LVS_COUNT)
        process.stderr.write(`${kindName}: ${tried} tried, ${refused} refused, ${all.length} commands\n`);
      for (let i = 0; i < all.length; i += 400) await sandbox.run(all.slice(i, i + 400));
      expect(tried).toBeGreaterThan(0);
    },
  );

  test("in the environment and the command line of an application", async () => {
    const texts = HOSTILE.filter((text) => !/[\n\0\p{Surrogate}]/u.test(text));
    for (const text of texts) {
      sandbox.write("/srv/shop/releases/aaaaaaaa/environment", environmentText({ A: text }));
      sandbox.write("/srv/shop/releases/aaaaaaaa/app/x", "");
      sandbox.write("/usr/local/sbin/setpriv", '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done; shift; exec "$@"\n');
      const command = runIn({ site: "shop", root: "/srv/shop" }, "aaaaaaaa", "root", ["printf", "%s|%s", text, text]);
      const env = runIn({ site: "shop", root: "/srv/shop" }, "aaaaaaaa", "root", ["printenv", "A"]);
      expect((await sandbox.run([command, env])).looks.map(({ stdout }) => stdout)).toEqual([
        `${text}|${text}`,
        `${text}\n`,
      ]);
    }
  });

  test("in the content and the path of a file, which arrive as they are", async () => {
    const file = kinds.get("File") as Kind;
    const texts = HOSTILE.filter((text) => !text.includes("\uD800"));
    for (const text of texts) {
      const path = /[\n\0]/.test(text) ? "/srv/x" : `/srv/a${text}/b${text}`;
      const { want } = declared(file.inputs, { path, content: text });
      const seen = { here: { is: "nothing" }, kept: { is: "nothing" }, hollow: [], loadedBy: [] };
      const steps = file.plan({ want, found: seen }, seen).map(({ run }) => run);
      await sandbox.run([sh("mkdir -p /var/lib/lvs/ledger"), ...steps]);
      expect(sandbox.text(path)).toBe(text);
    }
  });

  test("a command is run that is one", async () => {
    await expect(sandbox.run([sh("echo `pwn`")])).rejects.toThrow("a text was run as a command");
  });
});

/** Reads a word as systemd does: C escapes, and then % and $ (systemd.syntax(7), systemd.service(5)). */
function asSystemd(word: string): string {
  expect(word).toMatch(/^"(\\(x[0-9a-f]{2}|["\\])|[^"\\\n\r])*"$/);
  const unquoted = word
    .slice(1, -1)
    .replace(/\\(?:x([0-9a-f]{2})|(.))/g, (_, hex, sign) =>
      hex ? String.fromCharCode(Number.parseInt(hex, 16)) : sign,
    );
  expect(unquoted.replace(/%%|\$\$/g, "")).not.toMatch(/[%$]/);
  return unquoted.replace(/([%$])\1/g, "$1");
}

const texts = [...HOSTILE, '"', "'", "\\", "\t", "a b", "ü", "\x1b[0m", "*", "eth+", "x".repeat(300)];

test.each(texts)("%j is quoted by each language, or refused", (text) => {
  const isText = !/\0|\p{Surrogate}/u.test(text);
  if (isText) {
    expect(asSystemd(unitWord(text))).toBe(text);
    expect(/^"((?:[^"]|"")*)"$/.exec(sqlName(text))?.[1]?.replaceAll('""', '"')).toBe(text);
    const [, escapes, inner = ""] = /^(E?)'((?:[^']|'')*)'$/.exec(sqlLiteral(text)) ?? [];
    expect((escapes ? inner.replaceAll("\\\\", "\\") : inner).replaceAll("''", "'")).toBe(text);
    expect(escapes === "E").toBe(text.includes("\\"));
  } else for (const to of [quote, sqlName, sqlLiteral]) expect(() => to(text)).toThrow(LvsError);
  if (/^[\w.:/@, -]+$/.test(text)) expect(netfilterText(text)).toBe(`"${text}"`);
  else expect(() => netfilterText(text)).toThrow(LvsError);
  const line = `-a -t 10.0.0.9:80 -r 10.0.0.2:80 -M ${text}`;
  if (/^[\w.: -]+$/.test(text)) expect(editing([line]).stdin).toBe(`${line}\n`);
  else expect(() => editing([line])).toThrow(LvsError);
});
