import type * as pulumi from "@pulumi/pulumi";
import type { Forwarding, Scheduler } from "pulumi-lvs-provider/model";
import type { PersistenceArgs, Tunnel } from "../kinds/virtual-service";

/** How ldirectord finds out whether a real server is fit (ldirectord(8), `checktype`). */
export type CheckType = "negotiate" | "connect" | "ping" | "external" | "external-perl" | "on" | "off";

/** What ldirectord can ask a real server for (ldirectord(8), `service`). */
export const checkServices = [
  "dns",
  "ftp",
  "http",
  "https",
  "http_proxy",
  "imap",
  "imaps",
  "ldap",
  "ldaps",
  "mysql",
  "nntp",
  "none",
  "oracle",
  "pgsql",
  "pop",
  "pops",
  "radius",
  "simpletcp",
  "sip",
  "smtp",
  "submission",
] as const;

/** What ldirectord can ask a real server for (ldirectord(8), `service`). */
export type CheckService = (typeof checkServices)[number];

/** In which of its states ldirectord sends mail. */
export type AlertStatus = "all" | "none" | "starting" | "running" | "stopping" | "reloading";

/** The server that stands in while every real server is out. */
export interface FallbackArgs {
  /**
   * Its address.
   * @example "127.0.0.1"
   */
  address: pulumi.Input<string>;
  /**
   * Its port.
   * @default the virtual service's own
   */
  port?: pulumi.Input<number>;
  /**
   * How packets reach it.
   * @default "dr"
   */
  forwarding?: pulumi.Input<Forwarding>;
}

/** What can be said for all virtual services, and otherwise for one of them. */
export interface LdirectordCommonArgs {
  /**
   * Seconds until a connect, ping or external check counts as failed.
   * @default 5
   */
  checkTimeout?: pulumi.Input<number>;
  /**
   * Seconds until a negotiate check counts as failed. One at a time is checked unless `fork` is on, so a server that hangs holds
   * up the checks of all others as long.
   * @default `checkTimeout` (ldirectord's own default is 30)
   */
  negotiateTimeout?: pulumi.Input<number>;
  /**
   * Seconds between checks. For one virtual service alone: only with `fork`.
   * @default 10
   */
  checkInterval?: pulumi.Input<number>;
  /**
   * How many checks in a row must fail before a server is taken out.
   * @default 1
   */
  failureCount?: pulumi.Input<number>;
  /**
   * A server that fails stays in the table with weight 0: it gets no new connections, but with persistence its clients still
   * reach it unless net.ipv4.vs.expire_quiescent_template is 1. Otherwise it leaves the table.
   * @default false (ldirectord's manual says yes)
   */
  quiescent?: pulumi.Input<boolean>;
  /**
   * Whether the table is emptied when ldirectord stops. Off, so that an update or a crash of it is no outage.
   * @default false (ldirectord's own default is yes)
   */
  cleanStop?: pulumi.Input<boolean>;
  /**
   * The server that stands in while every real server is out. Of a firewall mark it must be the virtual service's own:
   * ldirectord fails with one for all (its fallback_find).
   * @default none
   */
  fallback?: pulumi.Input<FallbackArgs>;
  /**
   * A command that is run with "start" when the last real server is taken out, and with "stop" when the first comes back;
   * its other arguments are the virtual service and the protocol.
   * @default none
   * @example "/usr/local/sbin/tell-everybody"
   */
  fallbackCommand?: pulumi.Input<string>;
  /**
   * Who gets mail when a server is taken out or put back. Needs the Perl module MailTools.
   * @default nobody
   * @example ["ops@example.com"]
   */
  emailAlert?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Seconds between repeated mails about a server that stays out; 0: none.
   * @default 0
   */
  emailAlertFrequency?: pulumi.Input<number>;
  /**
   * In which of ldirectord's states mail is sent; "none" stands alone.
   * @default ["all"]
   */
  emailAlertStatus?: pulumi.Input<pulumi.Input<AlertStatus>[]>;
  /**
   * The mail server.
   * @default how the host sends mail
   * @example "mail.example.com"
   */
  smtp?: pulumi.Input<string>;
}

/** What is said for ldirectord as a whole, and for all virtual services that say nothing else. */
export interface LdirectordGlobalArgs extends LdirectordCommonArgs {
  /**
   * The server that stands in while every real server of an IPv6 service is out.
   * @default none
   */
  fallback6?: pulumi.Input<FallbackArgs>;
  /**
   * Puts a server that is out back into the table with weight 0, where `quiescent` is on. Off, ldirectord puts a server that is
   * out into the table with its weight and takes it out again, whenever it is started or reloaded.
   * @default true
   */
  readdQuiescent?: pulumi.Input<boolean>;
  /**
   * A process for each virtual service, so that they do not wait for each other's checks.
   * @default false
   */
  fork?: pulumi.Input<boolean>;
  /**
   * A program that is run when the configuration file changed; its argument is the file.
   * @default none
   * @example "/usr/local/sbin/copy-to-backup"
   */
  callback?: pulumi.Input<string>;
  /**
   * Where it logs: a file, or a facility of syslog.
   * @default "/var/log/ldirectord.log"
   * @example "local0"
   */
  logFile?: pulumi.Input<string>;
  /**
   * The sender of its mail.
   * @default as the host sends mail, mostly root@<hostname>
   * @example "ldirectord <alerts@example.com>"
   */
  emailAlertFrom?: pulumi.Input<string>;
  /**
   * A folder in which a file named after a real server ("10.0.0.2:80", "10.0.0.2") takes it out for maintenance.
   * @default none: real servers cannot be taken out by files
   * @example "/etc/ha.d/maintenance"
   */
  maintenanceDirectory?: pulumi.Input<string>;
}

/** How the real servers of a virtual service are checked. */
export interface LdirectordCheckArgs {
  /**
   * `"negotiate"`: asks for `request` and compares with `receive`; `"connect"`: connects (UDP: pings); `"ping"`; `"external"`: runs
   * `checkCommand`, `"external-perl"` inside ldirectord; a number N: N connects for each negotiate; `"on"` and `"off"`: no checks,
   * all in or none.
   * @default "negotiate"
   */
  checkType?: pulumi.Input<CheckType | number>;
  /**
   * What a negotiate check speaks. A certificate is not verified with https. IPv6: dns, http, https, nntp, none, simpletcp and
   * sip alone, http and https with the Perl module Net::INET6Glue.
   * @default by the service's port: 80 "http", 443 "https", 25 "smtp", …; with a mark it must be said
   */
  service?: pulumi.Input<CheckService>;
  /**
   * The port that is checked. With a mark, real servers have none of their own unless their key says so.
   * @default the real server's own, or that of `service`
   */
  checkPort?: pulumi.Input<number>;
  /**
   * What is asked for: a path; for dns a name, for databases a SELECT, for simpletcp the text itself (\n is a new line).
   * @default "/"
   * @example "ok.html"
   */
  request?: pulumi.Input<string>;
  /**
   * A regular expression (Perl's) that the answer must match. No "#": ldirectord takes it for a comment.
   * @default any answer that succeeded
   * @example "OK"
   */
  receive?: pulumi.Input<string>;
  /**
   * How http and https ask.
   * @default "GET"
   */
  httpMethod?: pulumi.Input<"GET" | "HEAD">;
  /**
   * The name in the Host header of http and https.
   * @default the real server's address
   * @example "www.example.com"
   */
  virtualHost?: pulumi.Input<string>;
  /**
   * The user that a check logs in as: for ftp, imap, ldap, pop, radius, sip and databases.
   * @default ftp: anonymous; otherwise none
   */
  login?: pulumi.Input<string>;
  /**
   * The password for `login`. A secret in the state; on the host, readable by root alone.
   * @default ftp: ldirectord@<hostname>; otherwise none
   */
  password?: pulumi.Input<string>;
  /**
   * The database that a check of mysql, oracle or pgsql asks. These must have one.
   * @default none
   */
  database?: pulumi.Input<string>;
  /**
   * The shared secret of radius. A secret in the state; on the host, readable by root alone.
   * @default none
   */
  secret?: pulumi.Input<string>;
  /**
   * The program of the external check types; its arguments are VIP, port, RIP, port (a mark in the VIP's place). It
   * succeeds where the server is fit.
   * @default none: the external check types need one
   * @example "/usr/local/sbin/check-shop"
   */
  checkCommand?: pulumi.Input<string>;
}

/** A real server of an ldirectord virtual service. */
export interface LdirectordRealArgs {
  /** How packets reach it. */
  forwarding: pulumi.Input<Forwarding>;
  /**
   * Its share relative to the others, 0 to 65535.
   * @default 1
   */
  weight?: pulumi.Input<number>;
  /**
   * From this many connections on it gets no new ones (ipvsadm(8), `--u-threshold`).
   * @default 0: no bound
   */
  upperThreshold?: pulumi.Input<number>;
  /**
   * Below this many connections it gets new ones again (ipvsadm(8), `--l-threshold`).
   * @default 0: three quarters of `upperThreshold`
   */
  lowerThreshold?: pulumi.Input<number>;
  /**
   * How packets are wrapped, with forwarding "tun": IP in IP, the only way that ldirectord knows.
   * @default { type: "ipip" }
   */
  tunnel?: pulumi.Input<Tunnel>;
  /**
   * What this one is asked for.
   * @default `request` of the virtual service
   */
  request?: pulumi.Input<string>;
  /**
   * A regular expression that this one's answer must match.
   * @default `receive` of the virtual service
   */
  receive?: pulumi.Input<string>;
}

/** A virtual service that ldirectord keeps. */
export interface LdirectordVirtualArgs extends LdirectordCommonArgs, LdirectordCheckArgs {
  /**
   * The real servers, by address and port; with a mark, port 0 keeps the port that the client asked for.
   * @example { "172.17.111.234:80": { forwarding: "dr", weight: 2 } }
   */
  real: Record<string, LdirectordRealArgs>;
  /**
   * How the director chooses among the real servers.
   * @default "wrr"
   */
  scheduler?: pulumi.Input<Scheduler>;
  /**
   * Flags of the scheduler (ipvsadm(8), `--sched-flags`).
   * @default none
   * @example ["sh-port"]
   */
  schedulerFlags?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Keeps a client on one real server; `{}` with the defaults. Without `engine`: ldirectord has none.
   * @default every connection is scheduled by itself
   */
  persistence?: pulumi.Input<PersistenceArgs>;
  /**
   * Schedules every packet by itself: UDP only.
   * @default false
   */
  onePacket?: pulumi.Input<boolean>;
  /**
   * A file to which every check is logged; its folder must be there.
   * @default checks are not logged by themselves
   * @example "/var/log/ldirectord-shop.log"
   */
  monitorFile?: pulumi.Input<string>;
  /**
   * The service's name in its mail.
   * @default none
   */
  serviceName?: pulumi.Input<string>;
  /**
   * A remark for its mail: what the service is for, or whom to call.
   * @default none
   */
  comment?: pulumi.Input<string>;
}
