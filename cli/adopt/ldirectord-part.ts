import { hostPort, matchKey } from "pulumi-lvs-provider/model";
import { type Found, LDIRECTORD_CF } from "./found";
import type { LdirectordVirtual } from "./ldirectord-file";
import { type Part, word } from "./part";
import { type Declaration, DigestOf, HostNamed, SecretNamed, Text, type Value } from "./program";

/** ldirectord with its file as it is, and the services that it keeps. */
export function ldirectordPart(director: Found): {
  part: Part;
  secrets: Record<string, string>;
  places: Record<string, string>;
} {
  const file = director.around.files[LDIRECTORD_CF] as NonNullable<Found["around"]["files"][string]>;
  const { ldirectord } = director as Required<Found>;
  const { text, secrets, places } = withoutSecrets(director.name, file.text);
  const content = new Text(`${word(director.name)}-ldirectord-cf`, text);
  const defaults = { quiescent: ldirectord.globals.quiescent?.value === "yes" };
  const services = Object.fromEntries(ldirectord.virtuals.map((one) => checkedService(one, defaults, ldirectord)));
  const { mode, user, group } = file;
  const host = new HostNamed(director.name);
  const name = `${word(director.name)}-ldirectord`;
  const account = {
    ...(user !== "root" && { user }),
    ...(group !== "root" && { group }),
    ...(mode !== "0644" && { mode }),
  };
  const checks: Declaration[] = [
    { class: "Package", name: `${name}-package`, args: { host, package: "ldirectord" } },
    {
      class: "File",
      name: `${name}-file`,
      args: { host, path: LDIRECTORD_CF, ...account, content },
      after: [`${name}-package`],
      remark: "ldirectord's file as it was found. A weight stands here and in the services below: change both.",
    },
    {
      class: "HealthChecks",
      name,
      args: { host, configuration: { [LDIRECTORD_CF]: new DigestOf(content) }, services },
      after: [`${name}-file`],
    },
  ];
  return {
    part: {
      host: director.name,
      what: "ldirectord and the services that it keeps",
      candidates: [checks, checks.slice(1)],
    },
    secrets,
    places,
  };
}

function checkedService(
  { match, real, fallback, directives }: LdirectordVirtual,
  defaults: { quiescent: boolean },
  { fallbacks }: NonNullable<Found["ldirectord"]>,
): [string, Value] {
  const value = (name: string) => directives[name]?.value;
  const timeout = /\d+/.exec(value("persistent") ?? "")?.[0];
  const ipv6 = "mark" in match ? match.family === "ipv6" : match.address.includes(":");
  const stand = (fallback ?? fallbacks[ipv6 ? "ipv6" : "ipv4"])?.address;
  const quiescent = value("quiescent") === undefined ? defaults.quiescent : value("quiescent") === "yes";
  const flags = value("schedflags")?.split(",");
  return [
    matchKey(match),
    {
      scheduler: value("scheduler") ?? "wrr",
      ...(flags && { schedulerFlags: flags }),
      ...(timeout && {
        persistence: { timeout: Number(timeout), ...(value("netmask") && { mask: value("netmask") }) },
      }),
      ...(value("ops") === "yes" && { onePacket: true }),
      ...(quiescent && { quiescent }),
      ...(stand && { fallback: stand }),
      destinations: Object.fromEntries(
        real.map(({ address, port, forwarding, weight, upperThreshold, lowerThreshold }) => [
          // ipvsadm(8) gives such a destination the port of its service, whatever ldirectord names.
          hostPort(address, "port" in match && forwarding !== "nat" ? match.port : port),
          {
            forwarding,
            weight,
            ...(upperThreshold > 0 && { upperThreshold }),
            ...(lowerThreshold > 0 && { lowerThreshold }),
          },
        ]),
      ),
    },
  ];
}

/** What may be a secret in a line of ldirectord.cf, in quotes or without. Comments may have former ones. */
const SECRETS = [
  // A command is one as a whole.
  /^([\s#]*(?:checkcommand|callback|fallbackcommand)\s*=\s*"?)([^\n]*(?:pass|secret|token|key)[^\n]*?)("?\s*)$/i,
  /^(.*?(?:passwd|password|secret)\w*\s*=\s*")(.+)("[^"\n]*\n?)$/i,
  /^(.*?(?:passwd|password|secret)\w*\s*=\s*)([^"\s]\S*)(.*\n?)$/i,
];

function withoutSecrets(host: string, text: string) {
  const secrets: Record<string, string> = {};
  const places: Record<string, string> = {};
  const parts = text.split(/(?<=\n)/).flatMap((line, at): (string | SecretNamed)[] => {
    const [, before, value, after] = SECRETS.map((one) => one.exec(line)).find(Boolean) ?? [];
    if (value === undefined) return [line];
    const key = `${word(host)}-ldirectord-line-${at + 1}`;
    secrets[key] = value;
    places[key] = `${LDIRECTORD_CF}:${at + 1}`;
    return [before as string, new SecretNamed(key), after as string];
  });
  const joined: (string | SecretNamed)[] = [];
  for (const one of parts) {
    const last = joined.at(-1);
    if (typeof one === "string" && typeof last === "string") joined[joined.length - 1] = last + one;
    else joined.push(one);
  }
  return { text: joined, secrets, places };
}
