import { schedulerFlags } from "pulumi-lvs-provider/model";

// The options of ipvsadm 1.31 that rules for `ipvsadm -R` may have.

/** The letters of long options. */
export const LETTERS: Readonly<Record<string, string>> = {
  "--add-service": "-A",
  "--edit-service": "-E",
  "--delete-service": "-D",
  "--add-server": "-a",
  "--edit-server": "-e",
  "--delete-server": "-d",
  "--clear": "-C",
  "--zero": "-Z",
  "--list": "-L",
  "--save": "-S",
  "--tcp-service": "-t",
  "--udp-service": "-u",
  "--fwmark-service": "-f",
  "--ipv6": "-6",
  "--real-server": "-r",
  "--scheduler": "-s",
  "--sched-flags": "-b",
  "--persistent": "-p",
  "--netmask": "-M",
  "--ops": "-o",
  "--gatewaying": "-g",
  "--ipip": "-i",
  "--masquerading": "-m",
  "--weight": "-w",
  "--u-threshold": "-x",
  "--l-threshold": "-y",
};

const words = (text: string) => new Set(text.split(" "));
export const SERVICES = words("-t -u -f --sctp-service");
export const FORWARDING = words("-g -i -m");
export const WITH_VALUE = words(
  "-t -u -f --sctp-service -r -s -b -M -w -x -y --pe --tun-type --tun-port --start-daemon --stop-daemon --mcast-interface --syncid --sync-maxlen --mcast-group --mcast-port --mcast-ttl",
);
export const WITHOUT = words("-6 -n -o -g -i -m --tun-nocsum --tun-csum --tun-remcsum");
const SCHEDULING = "-t -u -f --sctp-service -6 -s -b -p -M -o --pe";
const SERVER =
  "-t -u -f --sctp-service -6 -r -g -i -m -w -x -y --tun-type --tun-port --tun-nocsum --tun-csum --tun-remcsum";
const DAEMON = "--mcast-interface --syncid --sync-maxlen --mcast-group --mcast-port --mcast-ttl";

/** The commands, and the options that each takes. */
export const COMMANDS: Readonly<Record<string, ReadonlySet<string>>> = {
  "-A": words(SCHEDULING),
  "-E": words(SCHEDULING),
  "-D": words("-t -u -f --sctp-service -6"),
  "-a": words(SERVER),
  "-e": words(SERVER),
  "-d": words("-t -u -f --sctp-service -6 -r"),
  "-C": new Set(),
  "-Z": words("-t -u -f --sctp-service -6"),
  "-L": words("-n"),
  "-l": words("-n"),
  "-S": words("-n"),
  "--set": new Set(),
  "--start-daemon": words(DAEMON),
  "--stop-daemon": words(DAEMON),
};

/** The flags of schedulers; another scheduler's have numbers. */
export const FLAGS = new Set<string>([...schedulerFlags, "flag-1", "flag-2", "flag-3"]);
