import type { Problem } from "pulumi-lvs-provider/model";
import type { EcommerceSiteArgs } from "./ecommerce-args";

/** What cannot work in an `EcommerceSite`, as far as the program knows it. The provider judges the hosts' own rules. */
/** The site runs as the user of its name. These are there already, with rights of their own (Debian's base-passwd, and PostgreSQL's). */
const SYSTEMS_OWN = [
  ...["root", "daemon", "bin", "sys", "sync", "games", "man", "lp", "mail", "news", "uucp", "proxy", "backup", "list"],
  ...["irc", "nobody", "postgres", "sshd", "messagebus", "adm", "halt", "operator", "ftp", "nginx", "apache"],
];

export function ecommerceProblems(site: string, { servers, application, state }: EcommerceSiteArgs): Problem[] {
  const { port = 8000, ready, static: served = {}, shared = {}, environment = {}, secrets = {} } = application;
  const names = servers.map(({ host }) => host.name);
  const urls = [...Object.keys(served), ...Object.values(shared).flatMap(({ url }) => (url ? [url] : []))];
  const ours = ["PORT", ...(state.kind === "shared" ? ["DATABASE_URL"] : []), ...Object.keys(shared)];
  const taken = Object.keys({ ...environment, ...secrets }).filter((name) => ours.includes(name));
  const repeated = Object.keys(environment).filter((name) => name in secrets);
  return [
    ...unless(
      /^[a-z][a-z0-9-]{0,30}$/.test(site),
      "site",
      `"${site}" is not of small letters, digits and dashes: give one like "shop", of 31 at most`,
    ),
    ...unless(
      !SYSTEMS_OWN.includes(site),
      "site",
      `${site} is a user of the system's own, and may do more than the site: choose another name`,
    ),
    ...unless(servers.length > 0, "servers", "is empty: give at least one server"),
    ...names
      .filter((name, i) => names.indexOf(name) !== i)
      .map((name) => ({
        property: "servers",
        reason: `host ${name} is given twice, and one site runs once on a host: leave one out`,
      })),
    ...unless(application.start.length > 0, "application.start", 'give a command, like ["node", "server.js"]'),
    ...unless(
      /^[0-9a-f]{64}$/.test(application.artefact.sha256),
      "application.artefact.sha256",
      "is not a SHA-256: give its 64 hexadecimal digits, as sha256sum prints them",
    ),
    ...unless(
      Number.isInteger(port) && port >= 1024 && port <= 65535,
      "application.port",
      `${port} is not a port from 1024 to 65535: give one of these, because the application is not root`,
    ),
    ...unless(
      ready.path.startsWith("/"),
      "application.ready.path",
      `"${ready.path}" does not begin with a slash: write it like "/readyz"`,
    ),
    ...urls
      .filter((url) => !/^\/([\w.-]+\/)+$/.test(url))
      .map((url) => ({
        property: "application",
        reason: `"${url}" is not a path between slashes: write it like "/static/"`,
      })),
    ...taken.map((name) => ({
      property: `application.environment.${name}`,
      reason: "is set by the site itself: leave it out",
    })),
    ...repeated.map((name) => ({
      property: `application.secrets.${name}`,
      reason: "is in environment as well: remove one",
    })),
  ];
}

function unless(holds: boolean, property: string, reason: string): Problem[] {
  return holds ? [] : [{ property, reason }];
}
