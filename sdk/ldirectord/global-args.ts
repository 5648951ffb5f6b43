import type * as pulumi from "@pulumi/pulumi";
import type { Forwarding } from "pulumi-lvs-provider/model";

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
