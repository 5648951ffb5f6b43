import * as pulumi from "@pulumi/pulumi";
import { directorRules } from "../../../provider/advice";
import type { ServiceFacts } from "../../../provider/advice/director-rules";
import { provider } from "../../../provider/index";
import { judge, sentence } from "../../../provider/model";
import type { Props } from "../../../provider/pulumi/handler";
import { ArgumentError } from "../../../sdk/index";
import { register, unmarked } from "../registered";
import { announcing } from "./announcing";
import { around } from "./around";
import { balancing } from "./balancing";
import { checks } from "./checks";
import { clusters } from "./clusters";
import { credentials } from "./credentials";
import { daemons } from "./daemons";
import { directors } from "./directors";
import { hosts } from "./hosts";
import { kinds } from "./kinds";
import { nearMisses } from "./near-misses";
import { onDirectors } from "./on-hosts";
import { type Mistake, scene } from "./scene";
import { secrets } from "./secrets";
import { seen } from "./seen";
import { shares } from "./shares";
import { sides } from "./sides";
import { sites } from "./sites";
import { texts } from "./texts";
import { values } from "./values";
import { words } from "./words";

// Mistakes that a newcomer makes, and what is said about them: in the preview, before any host is touched.

const all = {
  hosts,
  clusters: [...clusters, ...shares, ...sides],
  directors: [...directors, ...announcing],
  checks,
  kinds: [...kinds, ...balancing, ...daemons],
  sites: [...sites, ...seen, ...secrets],
  ...{ around, values, nearMisses, credentials, texts, words },
};

const warned = jest.spyOn(pulumi.log, "warn").mockResolvedValue();
const printed = jest.spyOn(console, "log").mockImplementation(() => {});
beforeEach(() => {
  warned.mockClear();
  printed.mockClear();
});

interface Answer {
  readonly by: NonNullable<Mistake["by"]>;
  readonly line: string;
}

/** Runs the program as a preview does, and returns all that the user is told. */
async function answers({ program }: Mistake): Promise<Answer[]> {
  let thrown: unknown;
  const registered = await register(() => {
    try {
      program(scene());
    } catch (error) {
      thrown = error;
    }
  });
  const failures: Answer[] = [];
  for (const { type, name, inputs } of registered) {
    const kind = /^pulumi-nodejs:dynamic\/lvs:(\w+)$/.exec(type)?.[1];
    if (!kind) continue;
    const { failures: failed } = await provider(kind).check({}, unmarked(inputs) as Props);
    for (const { property, reason } of failed) {
      // A problem that was found in an apply says itself whose it is.
      const isNamed = /^\w+ "[^"]*": /.test(reason);
      failures.push({
        by: "a check",
        line: isNamed ? reason : `${kind} "${name}": ${property && `${property}: `}${reason}`,
      });
    }
  }
  const isOurs = thrown instanceof ArgumentError;
  const refused = thrown === undefined ? [] : isOurs ? String((thrown as Error).message).split("\n") : [String(thrown)];
  const said = [
    ...warned.mock.calls.map(([text]) => String(text)),
    ...printed.mock.calls.map(([text]) => String(text).replace(/^warning: /, "")),
  ];
  return [
    ...refused.map((line): Answer => ({ by: "the program", line })),
    ...failures,
    ...said.map((line): Answer => ({ by: "a warning", line })),
  ];
}

/** The resource or host, and its property. */
const PLACE = /^(\w+( "[^"]*")?|host \S+): \S/;

/** What to do: a verb for the reader, in the words after the place. A name of a property is none. */
const CURE =
  /\b(add|call|choose|create|declare|delete|give|have|import|install|leave|let|list|lower|make|move|name|pass|put|raise|read|remove|run|say|send|set|spell|take|use|write)\b|check a port|did you mean/i;

/** The reason of a line, without the resource and the property. */
const reasonOf = (line: string) => line.replace(/^(\w+( "[^"]*")?|host \S+): /, "").replace(/^[^ ]*: /, "");

const CODE =
  /TypeError|undefined|\bNaN\b|\[object|cannot read|not a function|Invalid input|expected|^\s+at |:\d+:\d+\b/im;

describe.each(Object.entries(all))("%s", (_, mistakes) => {
  test.each(mistakes.map((one) => [one.mistake, one] as const))("%s", async (_, one) => {
    const told = await answers(one);
    if (process.env.LVS_SHOW)
      process.stderr.write(`${one.mistake}\n${told.map(({ by, line }) => `    ${by}: ${line}\n`).join("")}`);
    expect(told).toContainEqual({ by: one.by ?? "the program", line: expect.stringContaining(one.says) });
    for (const { line } of told) expectWords(line);
  });
});

function expectWords(line: string): void {
  expect(line).toMatch(PLACE);
  expect(reasonOf(line)).toMatch(CURE);
  expect(line).not.toMatch(CODE);
}

const director = {
  addresses: [
    { address: "10.1.0.1", prefix: 24, device: "eth0" },
    { address: "10.2.0.1", prefix: 24, device: "eth1" },
  ],
  ...{
    mtu: {},
    routes: {},
    defaults: [],
    settings: { "ipv4/ip_forward": "1" },
    modules: [],
    sync: [],
    floating: [],
    chains: [],
  },
  declared: [],
};

const service = {
  ...{
    hints: { gateway: "10.2.0.1" },
    family: "ipv4",
    vip: "10.1.0.1",
    protocol: "tcp",
    ports: [{ protocol: "tcp", port: 80 }],
  },
  ...{ forwarding: "nat", destinations: ["10.2.0.11:80"], persistent: false },
};

test.each(onDirectors.map((one) => [one.mistake, one] as const))("on a director: %s", (_, one) => {
  const facts = { ...service, ...one.declares, host: { ...director, ...one.shows } } as unknown as ServiceFacts;
  const found = judge(directorRules, facts).find(({ name }) => name === one.rule);
  const line = found ? sentence("host director", found) : "";
  expect(line).toContain(one.says);
  expectWords(line);
});

test("every class of the package is among them, and none twice", () => {
  const said = Object.values(all).flat();
  expect(said.length).toBeGreaterThanOrEqual(250);
  const text = said.map(({ program }) => String(program)).join("\n");
  const classes = Object.entries(scene()).filter(([name, value]) => typeof value === "function" && /^[A-Z]/.test(name));
  const bases = ["ArgumentError", "HostResource", "LvsResource"];
  const missing = classes
    .map(([name]) => name)
    .filter((name) => !bases.includes(name) && !text.includes(`new ${name}(`));
  expect(missing).toEqual([]);
});
