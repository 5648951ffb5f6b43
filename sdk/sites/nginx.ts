import { ArgumentError } from "../arguments/argument-error";

/** What nginx serves a site with. Without a certificate the site has http alone. */
export interface NginxSite {
  /** The server's name, for the X-Backend header. */
  readonly server: string;
  /** The folder of the site's pages. */
  readonly root: string;
  /** Whether nginx listens on IPv6 as well. On a host without IPv6, nginx refuses a configuration that says so. */
  readonly ipv6?: boolean | undefined;
  readonly tls?: { readonly certificate: string; readonly key: string } | undefined;
  readonly application?: NginxApplication | undefined;
}

/** An application behind nginx. nginx itself still serves the site's own two pages. */
export interface NginxApplication {
  /** The port of the loopback address that the application listens on. */
  readonly port: number;
  /** Folders that nginx itself serves: path of the URL → folder. */
  readonly folders: Readonly<Record<string, string>>;
}

/** The server block of a site that answers to every name (http://nginx.org/en/docs/http/request_processing.html). */
export function serverBlock({ server, root, ipv6 = true, tls, application }: NginxSite): string {
  const listen = (how: string) => ["", ...(ipv6 ? ["[::]:"] : [])].map((on) => `listen ${on}${how} default_server`);
  const directives = [
    ...listen("80"),
    ...(tls
      ? [...listen("443 ssl"), `ssl_certificate ${quoted(tls.certificate)}`, `ssl_certificate_key ${quoted(tls.key)}`]
      : []),
    "server_name _",
    "server_tokens off",
    `root ${quoted(root)}`,
    // nginx waits until the client ends the connection. Otherwise a TLS client gets a reset and sends nothing more. A
    // director with direct routing sees only the client's half: it would count the connection as open for another 15
    // minutes, and a drain would wait for it.
    "lingering_close always",
    // With "always" error pages have the header, too.
    `add_header X-Backend ${quoted(server)} always`,
  ];
  const locations = application ? applicationLocations(application) : "";
  return `server {\n${directives.map((directive) => `  ${directive};\n`).join("")}${locations}}\n`;
}

/**
 * Idle connections are kept for a shorter time than nginx's own 75 seconds, because a drain waits for them. Headers
 * that the application trusts are overwritten, whatever the client sent.
 */
function applicationLocations({ port, folders }: NginxApplication): string {
  const own = ["/index.html", "/ok.html"].map((page) => `  location = ${page} {}\n`);
  const served = Object.entries(folders).map(
    ([path, folder]) => `  location ${word(path)} {\n    alias ${quoted(`${folder}/`)};\n    expires 1h;\n  }\n`,
  );
  return `  keepalive_timeout 10s;
  client_max_body_size 10m;
${[...own, ...served].join("")}  location / {
    proxy_pass http://127.0.0.1:${word(String(port))};
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_hide_header X-Backend;
    proxy_read_timeout 120s;
  }
`;
}

/** The default page, which names the server. */
export function serverPage(server: string): string {
  const name = escaped(server);
  return `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>${name}</title></head>
<body><h1>${name}</h1><p>This page was served by ${name}.</p></body>
</html>
`;
}

/** A text in quotes. nginx expands $ in some values and has no escape for it, so such a text is refused. */
function quoted(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is meant
  if (/[$\x00-\x1f\x7f]|\p{Surrogate}/u.test(text))
    throw new ArgumentError("nginx's configuration", [
      { property: JSON.stringify(text), reason: "has a $ or a control character in it, which nginx has no escape for" },
    ]);
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** A text without quotes where it needs none. */
function word(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : quoted(text);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
