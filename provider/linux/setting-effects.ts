// What the kernel does besides when a setting is written, and what it does not take back.

/** Two settings of which one counts: the kernel sets the other to 0 (vm.rst: dirty_bytes, overcommit_kbytes). */
const INSTEAD: Readonly<Record<string, string>> = bothWays({
  "vm/dirty_bytes": "vm/dirty_ratio",
  "vm/dirty_background_bytes": "vm/dirty_background_ratio",
  "vm/overcommit_kbytes": "vm/overcommit_ratio",
});

function bothWays(pairs: Readonly<Record<string, string>>): Record<string, string> {
  return { ...pairs, ...Object.fromEntries(Object.entries(pairs).map(([one, other]) => [other, one])) };
}

/**
 * Settings that change others: the kernel sets forwarding on every interface, and accept_redirects on `all`
 * (Documentation/networking/ip-sysctl.rst, "ip_forward: this variable is special"); of IPv6, `all` stands for every interface. A
 * congestion control that becomes the default is one that everybody may use from then on.
 */
const ALONG: Readonly<Record<string, string>> = {
  ...INSTEAD,
  "net/ipv4/ip_forward": "net/ipv4/conf/*/forwarding net/ipv4/conf/all/accept_redirects",
  "net/ipv6/conf/all/forwarding": "net/ipv6/conf/*/forwarding",
  "net/ipv6/conf/all/disable_ipv6": "net/ipv6/conf/*/disable_ipv6",
  "net/ipv6/conf/all/addr_gen_mode": "net/ipv6/conf/*/addr_gen_mode",
  "net/ipv6/conf/all/ignore_routes_with_linkdown": "net/ipv6/conf/*/ignore_routes_with_linkdown",
  "net/ipv6/conf/default/stable_secret": "net/ipv6/conf/*/addr_gen_mode",
  "net/ipv4/tcp_congestion_control": "net/ipv4/tcp_allowed_congestion_control",
  // One switch for both (Documentation/admin-guide/lockup-watchdogs.rst).
  "kernel/watchdog": "kernel/nmi_watchdog kernel/soft_watchdog",
};

/** The secret of an interface's addresses. With it, the kernel makes addresses by it (ip-sysctl.rst, stable_secret). */
const SECRET = /^net\/ipv6\/conf\/[^/]+\/stable_secret$/;

/** Whether root alone may read the setting. */
export function isSecret(file: string): boolean {
  return SECRET.test(file) || file === "net/ipv4/tcp_fastopen_key";
}

/** The files of settings that change along with the one of this file, as a pattern of the shell; "" if none does. */
export function along(file: string): string {
  return ALONG[file] ?? (SECRET.test(file) ? file.replace(/stable_secret$/, "addr_gen_mode") : "");
}

/** The file of the setting that counts where this one is 0. */
export function insteadOf(file: string): string | undefined {
  return INSTEAD[file];
}

/** Values that the kernel keeps until its next boot (Documentation/admin-guide/sysctl/kernel.rst, LSM/Yama.rst). */
const FOR_GOOD: Readonly<Record<string, string>> = {
  "kernel/modules_disabled": "1",
  "kernel/kexec_load_disabled": "1",
  "kernel/unprivileged_bpf_disabled": "1",
  "kernel/yama/ptrace_scope": "3",
};

/** Values that the kernel adds to what it has, or takes from it, and never gives back (kernel.rst). */
const ONE_WAY = /^kernel\/(tainted|kexec_load_limit_(panic|reboot)|usermodehelper\/(bset|inheritable))$/;

/** Why the kernel would not take a value back; undefined if it would. */
export function whyForGood(file: string, value: string, found: string | undefined): string | undefined {
  if (SECRET.test(file) && found === undefined)
    return "the interface has no secret yet (or is not there), and the kernel does not go back to none";
  return (FOR_GOOD[file] === value || ONE_WAY.test(file)) && found !== value
    ? `the kernel keeps ${value} until its next boot, whatever is written. Write it to a file in /etc/sysctl.d (File), and leave it out here`
    : undefined;
}
