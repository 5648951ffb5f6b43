/** The cure where the host has other tools than those of util-linux and coreutils, which know fewer options. */
export function whatTools(said: string): string | undefined {
  const missing = /: (awk|base64|dd|flock|mktemp|setsid|sha256sum|stat|sync|timeout): (?:command )?not found/.exec(
    said,
  )?.[1];
  if (missing) return `The host has no ${missing}: install coreutils, util-linux and awk there, and run again`;
  if (/\bBusyBox v\d|is that of BusyBox$|: applet not found$|\bdd: .*'iflag'/m.test(said))
    return "The host has tools of BusyBox, which do less: install coreutils and util-linux there (and iproute2 for `ip`), and run again";
  if (/^flock: \d: Bad file descriptor$/m.test(said))
    return "The host's sh keeps its files from what it starts, as ksh does: make /bin/sh another shell (dash, bash), and run again";
  return undefined;
}
