import type * as pulumi from "@pulumi/pulumi";
import type { Host } from "../host/host";

/** A certificate with its private key: given as PEM, or a `TlsCertificate`. */
export interface CertificateArgs {
  /** The certificate, PEM. Intermediate certificates follow it, where there are any. */
  certificate: pulumi.Input<string>;
  /** The private key, PEM. Always kept as a secret. */
  privateKey: pulumi.Input<string>;
}

/** The arguments of a `WebSite`. */
export interface WebSiteArgs {
  /** The host of the site. Declare one `WebSite` a host: it answers to every name on its ports. */
  host: Host;
  /**
   * The server's name, in the `X-Backend` header and on the default page: letters, digits, blanks, dots, dashes and
   * underscores.
   * @default the host's name
   */
  name?: string;
  /**
   * The site's name, the same on all its servers. The site's files are named after it. Letters, digits, dashes and
   * underscores.
   * @default "site"
   */
  site?: string;
  /**
   * The folder of the site's pages. Where SELinux is enforcing, nginx must be allowed to read the folder
   * (httpd_selinux(8)).
   * @default "/srv/lvs/<site>"
   */
  root?: string;
  /**
   * The page `/index.html`.
   * @default one that names the server
   */
  page?: pulumi.Input<string>;
  /**
   * The certificate for https, the same for all servers of the site: a client that is sent to another server must find
   * the same certificate.
   * @default http alone
   */
  certificate?: CertificateArgs;
  /**
   * Whether nginx listens on IPv6 as well. `false` is for a host whose kernel has no IPv6 (`ipv6.disable=1`).
   * @default true
   */
  ipv6?: boolean;
  /**
   * An application on the same host. The application answers everything but `/index.html`, `/ok.html` and the folders.
   * `EcommerceSite` runs one.
   * @default pages alone
   */
  application?: WebApplicationArgs;
}

/** An application behind a `WebSite`. */
export interface WebApplicationArgs {
  /** The port of the loopback address that the application listens on. */
  port: number;
  /**
   * Folders that nginx serves without asking the application: path of the URL, between slashes → folder.
   * @default none
   * @example { "/static/": "/srv/shop/current/app/static" }
   */
  folders?: Record<string, string>;
}
