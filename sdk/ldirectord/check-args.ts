import type * as pulumi from "@pulumi/pulumi";

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

/** How the real servers of a virtual service are checked. */
export interface LdirectordCheckArgs {
  /**
   * `"negotiate"`: asks for `request` and compares the answer with `receive`. `"connect"`: connects; for UDP it
   * pings, so that a server whose daemon has ended counts as fit.
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
