import { hostPort, isAddress, normalAddress, parseHostPort } from "pulumi-lvs-provider/model";
import { parseTable, type Table } from "pulumi-lvs-provider/operations";
import { type Names, Refused } from "./refused";

/**
 * Reads rules that `ipvsadm -S` saved, with names or with numbers. They say what a reboot brings back; what runs now, the
 * kernel says.
 *
 * @throws Refused for a line that ipvsadm would not restore
 */
export function readSavedRules(text: string, names: Names, file = "ipvsadm.rules"): Table {
  const numeric = text.split("\n").map((line, at) => {
    const words = line.replace(/#.*/, "").trim().split(/\s+/);
    if (words[0] === "") return "";
    if (!/^-[AaC]$/.test(words[0] as string))
      throw new Refused(file, at + 1, `"${words[0]}" is no command of saved rules`);
    const protocol = words.includes("-u") ? "udp" : words.includes("--sctp-service") ? "sctp" : "tcp";
    const plain = words.map((word, i) => {
      if (!/^(-t|-u|-r|--sctp-service)$/.test(words[i - 1] ?? "")) return word;
      const pair = pairOf(word, protocol, names);
      if (!pair) throw new Refused(file, at + 1, `"${word}" is no address with a port that the host knows`);
      return pair;
    });
    const ordered = serviceFirst(plain);
    if (!ordered) throw new Refused(file, at + 1, `"${line.trim()}" names no service by -t, -u, -f or --sctp-service`);
    return ordered.join(" ");
  });
  return parseTable({ saved: numeric.join("\n"), listing: "", thresholds: "" });
}

/** The words with the service after the command, as `ipvsadm -S` has them; an administrator may have another order. */
function serviceFirst([command = "", ...words]: readonly string[]): string[] | undefined {
  if (command === "-C") return [command];
  const at = words.findIndex((word) => /^(-t|-u|-f|--sctp-service)$/.test(word));
  if (at < 0) return undefined;
  const family = words.filter((word) => word === "-6");
  const rest = words.filter((word, i) => i !== at && i !== at + 1 && word !== "-6");
  return [command, ...words.slice(at, at + 2), ...family, ...rest];
}

function pairOf(word: string, protocol: string, names: Names): string | undefined {
  const plain = parseHostPort(word);
  if (plain) return hostPort(plain.address, plain.port);
  const [, six, name = "", port = "0"] = /^(?:\[([^\]]+)\]|([^:]+))(?::([\w-]+))?$/.exec(word) ?? [];
  const number = /^\d+$/.test(port) ? Number(port) : names.port(port, protocol);
  const address = six ?? (isAddress(name) ? name : names.address(name, "ipv4"));
  return address !== undefined && isAddress(address) && number !== undefined
    ? hostPort(normalAddress(address), number)
    : undefined;
}
