import type { LabStack } from "./stack";

// What a host is before a site is made on it, and after the site is gone, as far as the product could change it. By
// design some things are not counted: the files of packages that were installed since the first boot, loaded modules
// and their settings, and the backups that useradd keeps. The script reads files, because `systemctl list-unit-files`
// alone takes ten seconds in an emulated guest. systemd forgets a timer that was stopped a moment later. An undo that is
// still armed lasts longer than the script waits.
const script = String.raw`
n=0; while [ $n -lt 20 ] && ls /run/systemd/transient/lvs-* >/dev/null 2>&1; do n=$((n + 1)); sleep 0.5; done
brought=$(find /var/lib/dpkg/info -name '*.list' -newer /etc/machine-id -exec cat {} + | sed 's|^/||'; echo etc/ld.so.cache; echo etc/ipvsadm.rules; echo etc/networks; printf 'etc/%s-\n' passwd shadow group gshadow)
echo "# addresses"; ip -o addr show | sed 's/valid_lft.*//; s/^[0-9]*: //'
echo "# routes"; ip route show table all | grep -v ' linkdown'; ip -6 route show table main
echo "# rules"; ip rule show
echo "# ipvs"; cat /proc/net/ip_vs 2>/dev/null | tail -n +4
echo "# nft"; nft list ruleset 2>/dev/null
echo "# sysctl"; grep -rs . /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv[46]/conf | grep -vE 'stable_secret|/mtu:|/tunl0/' | sort
echo "# files"; cd /; files=$(find etc var/lib/lvs srv usr/local root -xdev -type f | grep -vxF "$brought" | sort)
echo "$files" | xargs -d '\n' stat -c '%n %a %U %G'; echo "$files" | xargs -d '\n' sha256sum
echo "# units"; units=$(echo "$brought" | sed -n 's|.*/systemd/system/\([^/]*\)$|\1|p; s|^etc/init.d/\(.*\)|\1.service|p'; echo .)
find etc/systemd run/systemd/system run/systemd/transient ! -type d -printf '%f %p %l\n' 2>/dev/null | grep -vF "$(echo "$units" | sed 's/$/ /')" | sort
`;

/** The current state of a host, in lines that can be compared. */
async function snapshot(stack: LabStack, vm: string): Promise<string[]> {
  return (await stack.on(vm, script)).split("\n");
}

/** The current state of these hosts. All are looked at at the same time. */
export async function snapshots(stack: LabStack, vms: readonly string[]): Promise<Record<string, string[]>> {
  return Object.fromEntries(await Promise.all(vms.map(async (vm) => [vm, await snapshot(stack, vm)] as const)));
}

/** The differences of each host from its former state. */
export async function changed(stack: LabStack, before: Record<string, string[]>): Promise<Record<string, string[]>> {
  const after = await snapshots(stack, Object.keys(before));
  const compared = Object.entries(before).map(([vm, was]) => [vm, difference(was, after[vm] ?? [])] as const);
  return Object.fromEntries(compared);
}

/** The differences of two snapshots: lines that went (-) and lines that came (+). */
function difference(before: string[], after: string[]): string[] {
  const was = new Set(before);
  const is = new Set(after);
  return [
    ...before.filter((line) => !is.has(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !was.has(line)).map((line) => `+ ${line}`),
  ];
}
