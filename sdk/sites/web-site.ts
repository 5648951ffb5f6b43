import * as pulumi from "@pulumi/pulumi";
import { refuse } from "../arguments/argument-error";
import { declares } from "../arguments/declares";
import { later } from "../arguments/later";
import { problem } from "../arguments/problem";
import { sha256 } from "../arguments/sha256";
import { refuseShape } from "../arguments/shape";
import type { Host } from "../host/host";
import { File } from "../kinds/file";
import { Package } from "../kinds/package";
import { SystemdService } from "../kinds/systemd-service";
import { serverBlock, serverPage } from "./nginx";
import { webSite } from "./shapes";
import type { WebSiteArgs } from "./web-site-args";

/**
 * A web site on nginx, on port 80 and, with a certificate, on 443. The site has `/index.html`, `/ok.html` with the
 * content OK for health checks, and the header `X-Backend` with the server's name. nginx never loads a configuration
 * that it refuses.
 *
 * @example
 * ```ts
 * const certificate = new TlsCertificate("site", { names: ["172.17.111.117"] });
 * for (const host of [rs1, rs2]) new WebSite(host.name, { host, certificate });
 * ```
 * @throws ArgumentError where a name or path could not be written into nginx's configuration
 */
@declares
export class WebSite extends pulumi.ComponentResource {
  /** nginx's package. */
  readonly package: Package;
  /**
   * The files on the host, by purpose: `default` (Debian's own site, absent), `configuration`, `index`, `ok`,
   * `certificate`, `key`.
   */
  readonly files: Readonly<Record<string, File>>;
  /** nginx, with the configuration loaded. */
  readonly service: SystemdService;

  constructor(name: string, args: WebSiteArgs, opts?: pulumi.ComponentResourceOptions) {
    refuseShape(`WebSite "${name}"`, webSite, args);
    refuse(`WebSite "${name}"`, problems(args));
    super("lvs:index:WebSite", name, {}, opts);
    const { host } = args;
    const configuration = configurationFiles(args);

    this.package = new Package(`${name}-nginx`, { host, package: "nginx" }, { parent: this });
    this.files = createFiles(this, name, host, { ...configuration, ...pages(args) });
    this.service = new SystemdService(
      `${name}-nginx`,
      { host, unit: "nginx.service", configuration: digests(name, configuration), validate: ["nginx", "-t"] },
      { parent: this, dependsOn: Object.values(this.files) },
    );
    this.registerOutputs();
  }
}

interface Content {
  path: string;
  content?: pulumi.Input<string>;
  mode?: string;
  state?: "absent";
}

/** The files that nginx must have loaded. */
function configurationFiles(args: WebSiteArgs): Record<string, Content> {
  const { certificate, ipv6, application } = args;
  const paths = pathsOf(args);
  const tls = certificate && { certificate: paths.certificate, key: paths.key };
  return {
    // Debian's own default site. On hosts without such folders (Rocky, Alma) the file is absent anyway.
    default: { path: "/etc/nginx/sites-enabled/default", state: "absent" },
    configuration: {
      path: paths.configuration,
      content: serverBlock({
        ...{ server: serverName(args), root: paths.root, ipv6, tls },
        application: application && { folders: {}, ...application },
      }),
    },
    ...(certificate && {
      certificate: { path: paths.certificate, content: certificate.certificate },
      key: { path: paths.key, content: pulumi.secret(certificate.privateKey), mode: "0600" },
    }),
  };
}

function pages(args: WebSiteArgs): Record<string, Content> {
  const { root } = pathsOf(args);
  return {
    index: { path: `${root}/index.html`, content: args.page ?? serverPage(serverName(args)) },
    ok: { path: `${root}/ok.html`, content: "OK\n" },
  };
}

function createFiles(parent: WebSite, name: string, host: Host, files: Record<string, Content>): Record<string, File> {
  const options = { parent, dependsOn: parent.package };
  return Object.fromEntries(
    Object.entries(files).map(([what, content]) => [what, new File(`${name}-${what}`, { host, ...content }, options)]),
  );
}

function digests(name: string, files: Record<string, Content>): Record<string, pulumi.Input<string>> {
  return Object.fromEntries(
    Object.values(files).map(({ path, content, state }) => [
      path,
      state ?? later(`WebSite "${name}"`, content ?? "", (text) => missingText(path, text), sha256),
    ]),
  );
}

function missingText(path: string, text: unknown) {
  if (typeof text !== "string")
    return problem("certificate", `the text of ${path} is missing: give one, or leave the certificate out`);
  return problem(
    "certificate",
    /^\S+[.](pem|crt|cer|key)$|^[~./]\S*$/.test(text) &&
      `in the place of the text of ${path} stands a file's path: give what readFileSync(…, "utf8") returns of it`,
  );
}

function serverName({ host, name = host.name }: WebSiteArgs): string {
  return name;
}

function pathsOf({ site = "site", root = `/srv/lvs/${site}` }: WebSiteArgs) {
  return {
    configuration: `/etc/nginx/conf.d/lvs-${site}.conf`,
    certificate: `/etc/nginx/lvs-${site}.crt`,
    key: `/etc/nginx/lvs-${site}.key`,
    root,
  };
}

/** A path that needs no quotes, without "." and "..". */
const ABSOLUTE = /^(\/(?!\.{1,2}(\/|$))[\w.-]+)+$/;

function problems(args: WebSiteArgs) {
  const { site = "site", application, certificate } = args;
  const own = certificate ? [80, 443] : [80];
  const { root } = pathsOf(args);
  const name = serverName(args);
  return [
    ...(/^[\w .-]+$/.test(name)
      ? []
      : [
          {
            property: "name",
            reason: `"${name}" has other characters than letters, digits, blanks, dots, dashes and underscores: write it like rs1`,
          },
        ]),
    ...(/^[\w-]+$/.test(site)
      ? []
      : [
          {
            property: "site",
            reason: `"${site}" has other characters than letters, digits, dashes and underscores: write it like shop`,
          },
        ]),
    ...(ABSOLUTE.test(root)
      ? []
      : [
          {
            property: "root",
            reason: `"${root}" is not an absolute path of letters, digits, dots, dashes and underscores: write it like /srv/www`,
          },
        ]),
    ...problem(
      "application.port",
      application !== undefined &&
        own.includes(application.port) &&
        `${application.port} is nginx's own, which would ask itself: let the application listen on another one, like 8000`,
    ),
    ...Object.entries(application?.folders ?? {}).flatMap(([path, folder]) =>
      /^\/([\w.-]+\/)+$/.test(path) && ABSOLUTE.test(folder.replace(/\/$/, ""))
        ? []
        : [
            {
              property: "application.folders",
              reason: `"${path}": "${folder}" is no folder of a site: give a path between slashes, like "/static/", and an absolute path`,
            },
          ],
    ),
  ];
}
