import { ArgumentError } from "../../sdk/arguments/argument-error";
import { type LdirectordConfiguration, renderLdirectord } from "../../sdk/ldirectord/config";
import { type NginxSite, serverBlock } from "../../sdk/sites/nginx";
import { clientAuthentication, hasAddress, serverConfiguration, unitDropIn } from "../../sdk/sites/postgresql-config";
import { HOSTILE } from "../provider/hostile";

// Each maker of a text gets a hostile text in each of its values. It refuses the text, or the text stays one value in one line.

const TEXTS = [...HOSTILE, '"; root /etc; #', "}\nserver {", "a\tb", "$uri"];

const site: NginxSite = {
  ...{ server: "rs1", root: "/srv/site", tls: { certificate: "/etc/a.crt", key: "/etc/a.key" } },
  application: { port: 8000, folders: { "/static/": "/srv/site/static" } },
};
const virtual = { real: { "10.0.0.2:80": { forwarding: "dr" as const } }, request: "ok.html", receive: "OK" };
const ldirectord: LdirectordConfiguration = { globals: {}, virtuals: { "10.0.0.9:80": virtual } };
const [TEXT_OF_LDIRECTORD] = [renderLdirectord(ldirectord)];

/** The text without what stands in quotes. */
const bare = (text: string) => text.replace(/"(\\["\\]|[^"\\])*"/g, '""');

function made(make: () => string): string | undefined {
  try {
    return make();
  } catch (error) {
    expect(error).toBeInstanceOf(ArgumentError);
    return undefined;
  }
}

test.each(TEXTS)("%j in nginx's configuration", (text) => {
  const { tls = { certificate: "", key: "" }, application = { port: 0, folders: {} } } = site;
  const sites: NginxSite[] = [
    { ...site, server: text },
    { ...site, root: text },
    { ...site, tls: { ...tls, certificate: text } },
    { ...site, tls: { ...tls, key: text } },
    { ...site, application: { ...application, folders: { "/static/": text } } },
    { ...site, application: { ...application, folders: { [text]: "/srv/site/static" } } },
    { ...site, application: { ...application, port: text as unknown as number } },
  ];
  for (const one of sites) {
    const block = made(() => serverBlock(one));
    if (block === undefined) continue;
    expect(block.split("\n")).toHaveLength(serverBlock(site).split("\n").length);
    expect(bare(block).replaceAll(/location (""|\S+)/g, "location")).not.toMatch(/pwn|-rf/);
  }
});

test.each(TEXTS)("%j in PostgreSQL's configuration", (text) => {
  const admission = { database: "shop", role: "shop", clients: ["10.0.0.2"] };
  for (const make of [
    () => serverConfiguration({ address: text, port: 5432 }),
    () => serverConfiguration({ address: "10.0.0.9", port: text as unknown as number }),
    () => clientAuthentication({ ...admission, database: text }),
    () => clientAuthentication({ ...admission, role: text }),
    () => clientAuthentication({ ...admission, clients: [text] }),
    () => hasAddress(text),
    () => unitDropIn(text),
  ])
    expect(made(make)).toBeUndefined();
});

test.each(TEXTS)("%j in ldirectord.cf", (text) => {
  const configurations = [
    ...["callback", "logFile", "emailAlertFrom", "maintenanceDirectory", "fallbackCommand"].map((name) => ({
      ...ldirectord,
      globals: { [name]: text },
    })),
    ...["request", "receive", "service", "virtualHost", "login", "password", "database", "secret", "checkCommand"].map(
      (name) => ({ ...ldirectord, virtuals: { "10.0.0.9:80": { ...virtual, [name]: text } } }),
    ),
  ] as LdirectordConfiguration[];
  for (const one of configurations) {
    const file = made(() => renderLdirectord(one));
    const lines = file?.split("\n").filter((line) => line.includes(text)) ?? [];
    if (file === undefined) continue;
    expect(lines).toHaveLength(1);
    expect(file.split("\n").length - TEXT_OF_LDIRECTORD.split("\n").length).toBeLessThanOrEqual(1);
  }
});
