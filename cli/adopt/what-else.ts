import { type Found, KEEPALIVED_CONF, LDIRECTORD_CF, type Note } from "./found";
import type { Statement } from "./keepalived-statements";

/** What else on a host sets up the same, and would go on doing so beside the program. */
export function whatElse(found: Found): Note[] {
  const { name, around, keepalived } = found;
  const mentions = around.mentions.slice(0, MOST);
  return [
    ...mentions.map((line) => ({
      host: name,
      what: line,
      why: "the host sets this up itself. It stays as it is: take the line out once the program is the site's owner",
    })),
    ...(around.mentions.length > MOST
      ? [
          {
            host: name,
            what: `more than ${MOST} lines of start-up files`,
            why: `the first ${MOST} are above: look for ipvsadm and for the addresses of the site in /etc yourself`,
          },
        ]
      : []),
    ...around.arp.map((line) => ({
      host: name,
      what: `the rule about ARP ${line}`,
      why: "a rule of netfilter stays its owner's. If it keeps a real server silent about its VIP, leave it until the program declares arp_ignore and arp_announce there",
    })),
    ...(keepalived?.addresses ?? []).map(({ address, instance, line, file = KEEPALIVED_CONF }) => ({
      host: name,
      what: `the address ${address}`,
      why:
        instance === undefined
          ? `keepalived sets it while it runs (static_ipaddress, ${file}:${line})`
          : `keepalived moves it (vrrp_instance ${instance}, ${file}:${line})`,
    })),
    ...byKeepalived(found),
    ...byLdirectord(found),
  ];
}

/** As many lines of start-up files are told. The host is asked for one more. */
const MOST = 200;

type Told = readonly [what: string, why: string];

/** What keepalived does besides keeping services and addresses, by the first word of the line. */
const DOES: readonly (readonly [RegExp, (words: readonly string[]) => Told])[] = [
  [
    /^lvs_flush(_on_stop)?$/,
    ([word = ""]) => [
      word,
      `keepalived empties the kernel's whole table when it ${word === "lvs_flush" ? "starts" : "stops"}, the program's services as well: take the line out before the first \`up\``,
    ],
  ],
  [
    /^lvs_timeouts$/,
    (words) => [
      words.join(" "),
      "keepalived sets the timeouts when it starts, beside the program: take the line out once the program declares them (IpvsTimeouts)",
    ],
  ],
  [
    /^(notify(_\w+)?|quorum_(up|down)|smtp_alert\w*)$/,
    ([word, ...rest]) => [
      `what keepalived runs: ${rest[0] ?? word}`,
      `${word} goes on as it is, and nothing of it is in the program`,
    ],
  ],
  [
    /^sorry_server$/,
    ([, ...rest]) => [
      `the sorry server ${rest.join(" ")}`,
      "keepalived lets it stand in while no real server is fit, and goes on doing so: the option sorryServer of a cluster's health says the same",
    ],
  ],
];

/** Blocks of which each line is something that keepalived sets. */
const SETS: Readonly<Record<string, string>> = {
  virtual_routes: "route",
  static_routes: "route",
  virtual_rules: "rule",
  static_rules: "rule",
};

function byKeepalived({ name: host, keepalived }: Found): Note[] {
  const notes: Note[] = [];
  const walk = (statements: readonly Statement[]): void => {
    for (const { words, block, line, file = KEEPALIVED_CONF } of statements) {
      const [first = ""] = words;
      const place = `${file}:${line}`;
      for (const [fits, says] of DOES)
        if (fits.test(first)) {
          const [what, why] = says(words);
          notes.push({ host, what: `${place}: ${what}`, why });
        }
      const sets = SETS[first];
      if (sets)
        for (const one of block)
          notes.push({
            host,
            what: `${one.file ?? KEEPALIVED_CONF}:${one.line}: the ${sets} ${one.words.join(" ")}`,
            why: `keepalived sets it (${first}), and goes on doing so`,
          });
      else walk(block);
    }
  };
  walk(keepalived?.statements ?? []);
  return notes;
}

/** What ldirectord does besides keeping services. Its file is in the program as it is. */
function byLdirectord({ name: host, ldirectord }: Found): Note[] {
  if (!ldirectord) return [];
  const { globals, virtuals } = ldirectord;
  const { autoreload, execute } = globals;
  const at = (line: number, what: string, why: string): Note => ({
    host,
    what: `${LDIRECTORD_CF}:${line}: ${what}`,
    why,
  });
  const runs = [globals, ...virtuals.map(({ directives }) => directives)].flatMap((block) =>
    ["callback", "fallbackcommand"].flatMap((word) => {
      const one = block[word];
      const why = `${word} goes on as it is, and nothing of it is in the program but the file`;
      return one ? [at(one.line, `what ldirectord runs: ${one.value}`, why)] : [];
    }),
  );
  return [
    ...(autoreload?.value === "yes"
      ? [
          at(
            autoreload.line,
            "autoreload",
            "ldirectord takes up a changed file by itself, and drains nothing before: take the line out, so that the program reloads it",
          ),
        ]
      : []),
    ...(execute
      ? [
          at(
            execute.line,
            `another ldirectord with ${execute.value}`,
            "ldirectord starts it beside itself, and its file is not read: move its services into this file",
          ),
        ]
      : []),
    ...runs,
  ];
}
