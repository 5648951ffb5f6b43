import type { Application } from "./places";

/** How an application is run. */
export interface Running extends Application {
  readonly start: readonly string[];
  readonly user: string;
  /** As systemd takes it: "400M". */
  readonly memory?: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
}

/** The unit of a release: systemd.service(5), systemd.exec(5). It reads the environment as root, and the application need not. */
export function unitText({ site, root, start, user, memory }: Running): string {
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
ExecStart=${start.map(word).join(" ")}
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

/** A word of a command line (systemd.service(5), "Command lines"): in quotes, where % and $ would be expanded. */
function word(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&").replaceAll("%", "%%").replaceAll("$", "$$$$")}"`;
}

/** A file that systemd (EnvironmentFile=) and a shell read alike. */
export function environmentText(environment: Readonly<Record<string, string>>): string {
  return Object.entries(environment)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}="${value.replace(/["\\$`]/g, "\\$&")}"\n`)
    .join("");
}
