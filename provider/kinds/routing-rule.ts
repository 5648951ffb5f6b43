import { z } from "zod";
import { type Command, sh } from "../host/command";
import { LvsError } from "../host/errors";
import { fact, facts, known, map } from "../host/fact";
import { quote } from "../host/shell";
import { familyOption, isAbsent } from "../linux/ip";
import { oneName } from "../linux/routing-tables";
import { familyOf, formerTables } from "../model";
import { formerFragment, fragment } from "../reconcile/boot";
import { boot, device, mark, network, table, within } from "../reconcile/inputs";
import type { Kind, Risk, Step } from "../reconcile/kind";
import { about } from "../reconcile/kind";

/** The table local's own rule has 0, main's 32766. */
const PRIORITY = { what: "a rule's priority", least: 1, most: 4294967295 };

const declaration = z
  .object({
    priority: within(PRIORITY),
    from: network.optional(),
    to: network.optional(),
    mark: mark.optional(),
    inInterface: device.optional(),
    family: z.enum(["ipv4", "ipv6"]).optional(),
    table,
    // Always true; here so that a rule that went away shows as a difference.
    present: z.literal(true).default(true),
    boot,
  })
  .superRefine(({ from, to, family }, context) => {
    const problem = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
    for (const [path, given] of Object.entries({ from, to }))
      if (given?.endsWith("/0")) problem(path, `${given} is every address: leave \`${path}\` out`);
    const families = [from, to].flatMap((given) => (given === undefined ? [] : [familyOf(given)]));
    if (new Set([...families, ...(family ? [family] : [])]).size > 1)
      problem(
        family ? "family" : "to",
        "`from`, `to` and `family` must be of one address family: declare a rule for each",
      );
  })
  .transform((want) => ({ ...want, family: want.family ?? familyOf(want.from ?? want.to ?? "") }));

type Want = z.output<typeof declaration>;

interface Seen {
  readonly present: boolean;
  /** Other rules that the kernel deletes if it is asked to delete this one. */
  readonly alike?: readonly string[];
}

/**
 * A rule of policy routing: which packets look their route up in which table. The kernel changes none in place, and the owner
 * may have another table for the same packets: all of it is its identity.
 */
export const routingRule: Kind<Want, Seen> = {
  name: "RoutingRule",
  inputs: declaration as unknown as z.ZodType<Want>,
  identity,

  look(change) {
    const it = about(change);
    // The host may have a name for a number: what it lists of a table is in that table, whatever it is called there.
    const ask = { argv: ["ip", familyOption(it.family), "-o", "rule", "show", "table", it.table] };
    const listed = fact(ask, (reply) => {
      const { stdout, stderr } = reply;
      if (/invalid table id|table id value is invalid/i.test(stderr))
        throw new LvsError(
          `the host knows no routing table "${it.table}": declare its number, or name it in /etc/iproute2/rt_tables`,
        );
      isAbsent(`the rules for the routing table ${it.table}`, reply);
      const rules = stdout.split("\n").map(plain);
      const alike = rules.filter((rule) => isAlike(it, rule));
      return { present: rules.includes(ruleOf(it)), ...(alike.length > 0 && { alike }) };
    });
    const named = change.want
      ? oneName("RoutingRule", it.table, (table) => identity({ ...it, table }))
      : known(undefined);
    return map(facts({ named, listed }), ({ listed }) => listed);
  },
  plan(change, seen) {
    const { want, found } = change;
    const it = about(change);
    if (seen.present === (want !== undefined || found?.present === true)) return [];
    if (seen.present && seen.alike) throw new LvsError(`${ruleOf(it)} lookup ${it.table}: ${takenFor(seen.alike)}`);
    return [seen.present ? taking(it) : adding(it)];
  },
  irreplaceable: (_, { alike }) => alike && takenFor(alike),
  report: (_, seen) => ({ present: seen.present }),
  // After the routes of its table.
  boot: (want) => [fragment(35, "RoutingRule", identity(want), atBoot(want))],
  formerly(want) {
    const tables = [want.table, ...formerTables(want.table)].map((table) => ({ ...want, table }));
    return {
      identities: tables.map(identity),
      boot: tables.map((one) => {
        const words = [`rule-${one.priority}-${conditions(one)}-${one.table}-${one.family}`];
        return formerFragment(35, words, atBoot(one));
      }),
    };
  },
};

function identity(want: Want): string {
  return `${want.priority} ${conditions(want)} ${want.table}${want.family === "ipv6" ? " ipv6" : ""}`;
}

function atBoot(want: Want): string {
  return `set -- ${addressed(want).map(quote).join(" ")}\n${ADD}`;
}

function ruleOf(want: Want): string {
  return `${want.priority}: ${conditions(want)}`;
}

/** The kernel deletes the first rule of the priority and the table that has the conditions, whatever else the rule says. */
function isAlike(want: Want, rule: string): boolean {
  const words = rule.split(" ");
  if (words[0] !== `${want.priority}:` || rule === ruleOf(want)) return false;
  const pairs =
    conditions(want)
      .replace(/^from all/, "")
      .match(/\S+ \S+/g) ?? [];
  return pairs.every((pair) => ` ${words.join(" ")} `.includes(` ${pair} `));
}

function takenFor(alike: readonly string[]): string {
  return `the host has ${alike.map((rule) => `"${rule}"`).join(", ")}, which the kernel would delete in its place. Use another priority`;
}

// 1000:	from 10.1.2.3 iif eth1 [detached] lookup 100 proto static
// Whatever else a rule says (`not`, `ipproto`, `suppress_prefixlength`) makes it another rule.
function plain(line: string): string {
  const words = line.trim().replace(/\s+/g, " ").replace(" [detached]", "");
  return words.replace(/ lookup \S+( proto \S+)?$/, "");
}

/** As `ip rule` prints and takes them. */
function conditions({ from = "all", to, mark, inInterface }: Want): string {
  const pairs = { from, to, fwmark: mark && `0x${mark.toString(16)}`, iif: inInterface };
  return Object.entries(pairs)
    .flatMap(([word, value]) => (value === undefined ? [] : [word, value]))
    .join(" ");
}

// Kernels before 4.8 add a rule a second time: it is looked for first, as `plain` does.
const ADD = `family=$1 table=$2 priority=$3 conditions=$4; shift 4
ip "$family" -o rule show table "$table" | tr -s '[:blank:]' ' ' |
  sed 's/ *$//; s/ \\[detached\\]//; s/ proto [^ ]*$//; s/ lookup [^ ]*$//' | grep -qxF "$priority: $conditions" ||
  ip "$family" rule add priority "$priority" "$@" table "$table"`;

function addressed(want: Want): string[] {
  const words = conditions(want);
  return [familyOption(want.family), want.table, String(want.priority), words, ...words.split(" ")];
}

function add(want: Want): Command {
  return sh(ADD, ...addressed(want));
}

function take(want: Want): Command {
  const rule = ["priority", String(want.priority), ...conditions(want).split(" "), "table", want.table];
  return { argv: ["ip", familyOption(want.family), "rule", "del", ...rule] };
}

function risk({ table }: Want, undo: Command): Risk {
  const advice = `Does the table ${table} lead back to where Pulumi runs, and do the conditions leave its packets alone?`;
  return { undo, touches: "way", advice };
}

function adding(want: Want): Step {
  const purpose = `adding the routing rule ${want.priority}: ${conditions(want)} lookup ${want.table}`;
  return { run: add(want), purpose, risky: risk(want, take(want)) };
}

function taking(want: Want): Step {
  const purpose = `deleting the routing rule ${want.priority}: ${conditions(want)} lookup ${want.table}`;
  return { run: take(want), purpose, risky: risk(want, add(want)) };
}
