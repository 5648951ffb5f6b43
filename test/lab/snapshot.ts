import type { LabStack } from "./stack";

// What a host is before a site is made of it and after the site is gone, as far as we could change it. Not counted, as the
// design says: packages with their own files and users, loaded modules and the settings that exist through them.
const script = `
echo "# addresses"; ip -o addr show | sed 's/valid_lft.*//; s/^[0-9]*: //'
echo "# routes"; ip route show table all | grep -v ' linkdown'; ip -6 route show table main
echo "# rules"; ip rule show
echo "# ipvs"; cat /proc/net/ip_vs 2>/dev/null | tail -n +4
echo "# nft"; nft list ruleset 2>/dev/null
echo "# sysctl"; sysctl -a 2>/dev/null | grep -E '^net[.]ipv[46][.](ip_forward|conf[.])' | grep -vE 'stable_secret|[.]mtu '
echo "# files"; cd / && find etc var/lib/lvs srv usr/local root -xdev -type f ! -path 'etc/nginx/*' ! -path 'etc/default/ipvsadm' \\
  -printf '%p %m %u %g ' -exec sha256sum {} \\; 2>/dev/null | sed 's/ [^ ]*$//' | sort
echo "# units"; systemctl list-unit-files --no-legend --no-pager 2>/dev/null | awk '{print $1, $2}' | sort
`;

/** A host as it is now, in lines that can be compared. */
export async function snapshot(stack: LabStack, vm: string): Promise<string[]> {
  return (await stack.on(vm, script)).split("\n");
}

/** What differs between two snapshots: lines gone (-) and lines come (+). */
export function difference(before: string[], after: string[]): string[] {
  const was = new Set(before);
  const is = new Set(after);
  return [
    ...before.filter((line) => !is.has(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !was.has(line)).map((line) => `+ ${line}`),
  ];
}
