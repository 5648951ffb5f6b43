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

/** The server that gets the clients while every real server is out. */
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

/** The options that ldirectord has for all virtual services together, and for each of them. */
export interface LdirectordCommonArgs {
  /**
   * Seconds until a connect, ping or external check counts as failed.
   * @default 5
   */
  checkTimeout?: pulumi.Input<number>;
  /**
   * Seconds until a negotiate check counts as failed. Without `fork`, ldirectord checks one server at a time: a server
   * that hangs delays the checks of all others by this time.
   * @default `checkTimeout` (ldirectord's own default is 30)
   */
  negotiateTimeout?: pulumi.Input<number>;
  /**
   * Seconds between checks. A single virtual service can have its own interval only with `fork`.
   * @default 10
   */
  checkInterval?: pulumi.Input<number>;
  /**
   * How many checks in a row must fail before a server is taken out.
   * @default 1
   */
  failureCount?: pulumi.Input<number>;
  /**
   * Whether a server that fails stays in the table with weight 0. The server then gets no new connections. With
   * persistence its clients still reach it, unless net.ipv4.vs.expire_quiescent_template is 1. Otherwise a server that
   * fails leaves the table.
   * @default false (ldirectord's manual says yes)
   */
  quiescent?: pulumi.Input<boolean>;
  /**
   * Whether ldirectord empties the table when it stops. This is off, so that an update or a crash of ldirectord is no
   * outage.
   * @default false (ldirectord's own default is yes)
   */
  cleanStop?: pulumi.Input<boolean>;
  /**
   * The server that gets the clients while every real server is out. A service with a firewall mark needs its own:
   * ldirectord fails with a fallback for all services (its fallback_find).
   * @default none
   */
  fallback?: pulumi.Input<FallbackArgs>;
  /**
   * A command that is run with "start" when the last real server is taken out, and with "stop" when the first one comes
   * back. The command's other arguments are the virtual service and the protocol.
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

/** The options for ldirectord as a whole, and for all virtual services that do not have their own. */
export interface LdirectordGlobalArgs extends LdirectordCommonArgs {
  /**
   * The server that gets the clients while every real server of an IPv6 service is out.
   * @default none
   */
  fallback6?: pulumi.Input<FallbackArgs>;
  /**
   * Whether a server that is out is put back into the table with weight 0, where `quiescent` is on. Otherwise
   * ldirectord, at each start or reload, puts a server that is out into the table with its full weight, and takes the
   * server out again.
   * @default true
   */
  readdQuiescent?: pulumi.Input<boolean>;
  /**
   * Whether each virtual service has a process of its own, so that no service waits for the checks of others.
   * @default false
   */
  fork?: pulumi.Input<boolean>;
  /**
   * A program that is run when the configuration file has changed. The program's argument is the file.
   * @default none
   * @example "/usr/local/sbin/copy-to-backup"
   */
  callback?: pulumi.Input<string>;
  /**
   * Where ldirectord logs: to a file, or to a facility of syslog.
   * @default "/var/log/ldirectord.log"
   * @example "local0"
   */
  logFile?: pulumi.Input<string>;
  /**
   * The sender of ldirectord's mail.
   * @default as the host sends mail, mostly root@<hostname>
   * @example "ldirectord <alerts@example.com>"
   */
  emailAlertFrom?: pulumi.Input<string>;
  /**
   * The maintenance folder. A file there that is named after a real server ("10.0.0.2:80", "10.0.0.2") takes that
   * server out for maintenance.
   * @default none: real servers cannot be taken out by files
   * @example "/etc/ha.d/maintenance"
   */
  maintenanceDirectory?: pulumi.Input<string>;
}

/** How the real servers of a virtual service are checked. */
export interface LdirectordCheckArgs {
  /**
   * `"negotiate"`: asks for `request` and compares the answer with `receive`. `"connect"`: connects (for UDP: pings).
   * `"ping"`: pings. `"external"`: runs `checkCommand`. `"external-perl"`: runs it inside ldirectord. A number N: N
   * connects for each negotiate. `"on"` and `"off"`: no checks, with all servers in the table or none.
   * @default "negotiate"
   */
  checkType?: pulumi.Input<CheckType | number>;
  /**
   * The protocol of a negotiate check. With https the certificate is not verified. For IPv6 there are only dns, http,
   * https, nntp, none, simpletcp and sip, and http and https need the Perl module Net::INET6Glue.
   * @default by the service's port: 80 "http", 443 "https", 25 "smtp", …; with a mark it must be said
   */
  service?: pulumi.Input<CheckService>;
  /**
   * The port that is checked. With a mark, a real server has a port of its own only where its key says so.
   * @default the real server's own, or that of `service`
   */
  checkPort?: pulumi.Input<number>;
  /**
   * What a negotiate check asks for. A path; for dns a name; for databases a SELECT; for simpletcp the text itself,
   * where \n is a new line.
   * @default "/"
   * @example "ok.html"
   */
  request?: pulumi.Input<string>;
  /**
   * A regular expression (Perl's) that the answer must match. It cannot contain "#", which begins a comment for
   * ldirectord.
   * @default any answer that succeeded
   * @example "OK"
   */
  receive?: pulumi.Input<string>;
  /**
   * The method of http and https.
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
   * The user name for a check of ftp, imap, ldap, pop, radius, sip or a database.
   * @default ftp: anonymous; otherwise none
   */
  login?: pulumi.Input<string>;
  /**
   * The password for `login`. The password is a secret in the state. On the host, root alone can read it.
   * @default ftp: ldirectord@<hostname>; otherwise none
   */
  password?: pulumi.Input<string>;
  /**
   * The database for a check of mysql, oracle or pgsql. These services must have one.
   * @default none
   */
  database?: pulumi.Input<string>;
  /**
   * The shared secret of radius. It is a secret in the state. On the host, root alone can read it.
   * @default none
   */
  secret?: pulumi.Input<string>;
  /**
   * The program of the external check types. Its arguments are VIP, port, RIP and port (a mark in the VIP's place). The
   * program succeeds where the server is fit.
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
   * Its share relative to the other real servers, 0 to 65535.
   * @default 1
   */
  weight?: pulumi.Input<number>;
  /**
   * From this many connections on the real server gets no new ones (ipvsadm(8), `--u-threshold`).
   * @default 0: no bound
   */
  upperThreshold?: pulumi.Input<number>;
  /**
   * Below this many connections the real server gets new ones again (ipvsadm(8), `--l-threshold`).
   * @default 0: three quarters of `upperThreshold`
   */
  lowerThreshold?: pulumi.Input<number>;
  /**
   * How packets are wrapped, with forwarding "tun". ldirectord has only IP in IP.
   * @default { type: "ipip" }
   */
  tunnel?: pulumi.Input<Tunnel>;
  /**
   * What a check asks this real server for.
   * @default `request` of the virtual service
   */
  request?: pulumi.Input<string>;
  /**
   * A regular expression that the answer of this real server must match.
   * @default `receive` of the virtual service
   */
  receive?: pulumi.Input<string>;
}

/** A virtual service that ldirectord keeps. */
export interface LdirectordVirtualArgs extends LdirectordCommonArgs, LdirectordCheckArgs {
  /**
   * The real servers, by address and port. With a mark, port 0 keeps the port that the client asked for.
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
   * Keeps a client on one real server; `{}` with the defaults. `engine` is not possible, because ldirectord has none.
   * @default every connection is scheduled by itself
   */
  persistence?: pulumi.Input<PersistenceArgs>;
  /**
   * Schedules every packet by itself: UDP only.
   * @default false
   */
  onePacket?: pulumi.Input<boolean>;
  /**
   * A file to which every check is logged. The file's folder must exist.
   * @default checks are not logged by themselves
   * @example "/var/log/ldirectord-shop.log"
   */
  monitorFile?: pulumi.Input<string>;
  /**
   * The service's name in ldirectord's mail.
   * @default none
   */
  serviceName?: pulumi.Input<string>;
  /**
   * A remark in ldirectord's mail: what the service is for, or whom to call.
   * @default none
   */
  comment?: pulumi.Input<string>;
}
