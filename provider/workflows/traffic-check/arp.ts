// Reads the output of arping of iputils, and judges it for a VIP. Thomas Habets' arping has another output.

/** The hardware addresses that answered for the address, each once; undefined if the output is not that of iputils. */
export function arpAnswers(output: string, address: string): string[] | undefined {
  const received = /^Received (\d+) response/m.exec(output)?.[1];
  const answers = [
    ...output.matchAll(/^(?:Unicast|Broadcast) reply from (\S+) \[((?:[0-9A-F]{2}:){5}[0-9A-F]{2})\]/gim),
  ];
  if (received === undefined || answers.length !== Number(received)) return undefined;
  if (answers.some(([, from]) => from !== address)) return undefined;
  return [...new Set(answers.map(([, , mac = ""]) => mac.toLowerCase()))].sort();
}

/** What is not as expected, in words; undefined if only the director's own hardware address answered. */
export function judgeArp(answers: readonly string[], director: { name: string; mac: string }): string | undefined {
  const own = `the director's (host ${director.name}) is ${director.mac}`;
  const others = answers.filter((mac) => mac !== director.mac);
  if (others.length > 0)
    return (
      `${answers.join(" and ")} answered, and ${own}: ${others.join(" and ")} must not answer. ` +
      "If it is a real server's (ip link), look at its ARP settings: " +
      "arp_ignore=1 and arp_announce=2 for `all` and for the interface (sysctl, ArpSettings)"
    );
  if (answers.length === 0)
    return `nobody answered, and ${own}. Is the address on its interface, and the sender on the same network?`;
  return undefined;
}
