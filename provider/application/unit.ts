import type { Application } from "./places";

/** How systemd runs an application. */
export interface Running extends Application {
  readonly start: readonly string[];
  readonly user: string;
  /** As systemd takes it: "400M". */
  readonly memory?: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * The unit of a release (systemd.service(5), systemd.exec(5)). systemd reads the environment file as root, so the application's
 * user needs no right to read the file.
 */
function unitText({ site, root, start, user, memory }: Running): string {
  return `[Unit]
Description=${site}
Wants=network-online.target
After=network-online.target lvs-boot.service
StartLimitIntervalSec=0

[Service]
Type=exec
User=${user}
Group=${user}
WorkingDirectory=${root}/current/app
EnvironmentFile=${root}/current/environment
ExecStart=${start.map(unitWord).join(" ")}
Restart=always
RestartSec=2
TimeoutStartSec=180
KillMode=mixed
${memory ? `MemoryMax=${memory}\n` : ""}NoNewPrivileges=yes
PrivateTmp=yes
ProtectSystem=full

[Install]
WantedBy=multi-user.target
`;
}

/**
 * A quoted word of a command line. systemd expands % and $ in quotes, too (systemd.service(5), "Command lines"). It reads a
 * carriage return as the end of a line, so control characters are written as C does (systemd.syntax(7), "Quoting").
 */
export function unitWord(text: string): string {
  const escaped = text.replace(/["\\]/g, "\\$&").replaceAll("%", "%%").replaceAll("$", "$$$$");
  return `"${escaped.replace(CONTROL, (sign) => `\\x${sign.charCodeAt(0).toString(16).padStart(2, "0")}`)}"`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is meant
const CONTROL = /[\x01-\x08\x0a-\x1f\x7f]/g;

/** An environment file. systemd (EnvironmentFile=) and a shell read it alike. */
export function environmentText(environment: Readonly<Record<string, string>>): string {
  return Object.entries(environment)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}="${value.replace(/["\\$`]/g, "\\$&")}"\n`)
    .join("");
}

/** The files of a release beside its artefact. */
export function filesOf(want: Running): { name: string; text: string; mode: string }[] {
  return [
    // Only root can read the environment, because it may hold passwords. systemd and our own command read it as root.
    { name: "environment", text: environmentText(want.environment), mode: "600" },
    { name: "unit", text: unitText(want), mode: "644" },
  ];
}
