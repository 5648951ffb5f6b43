import type { LabStack } from "./stack";

/** The hardware addresses that a client learns for the VIP. The client asks anew each time. */
async function learnt(stack: LabStack, client: number, times: number): Promise<string[]> {
  const script = `for i in $(seq ${times}); do ip neigh flush to ${stack.vip}; curl -s -o /dev/null http://${stack.vip}/ok.html
    ip neigh show ${stack.vip} | sed 's/.*lladdr \\([^ ]*\\).*/\\1/'; done`;
  return (await stack.inLab(script, client)).trim().split("\n");
}

export async function onlyTheDirectorAnswersArp(stack: LabStack): Promise<void> {
  const mac = (await stack.on("director", "cat /sys/class/net/eth0/address")).trim();
  for (const client of [1, 2]) expect(new Set(await learnt(stack, client, 5))).toEqual(new Set([mac]));
}
