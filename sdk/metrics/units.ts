// The exporter of Debian's package, and the service that tells it what it does not know.

import { hostPort } from "pulumi-lvs-provider/model";

export const EXPORTER = "prometheus-node-exporter";
export const DROP_IN = `/etc/systemd/system/${EXPORTER}.service.d/lvs.conf`;
export const TELLER = "lvs-metrics";
export const TELLER_UNIT = `/etc/systemd/system/${TELLER}.service`;
export const SCRIPT = "/etc/lvs/metrics";

/** Where Debian's exporter looks for figures of others. The folder belongs to the user prometheus. */
const TEXTFILES = "/var/lib/prometheus/node-exporter";
/** A folder of root's alone. The exporter finds the figures by a link. */
const FIGURES = "/run/lvs-metrics";

/** What the script is told besides: where the figures go, and where the exporter finds them. */
export const PLACES = [`${FIGURES}/lvs.prom`, `${TEXTFILES}/lvs.prom`] as const;

/**
 * Without --web.listen-address the exporter would listen on every address, those of clients included. The owner's own ARGS
 * stay. An address that is not there yet at boot is no reason to give up.
 */
export function exporterDropIn(address: string, port: number, isDirector: boolean): string {
  const options = [`--web.listen-address=${hostPort(address, port)}`, ...(isDirector ? ["--collector.ipvs"] : [])];
  return `[Unit]
Wants=network-online.target
After=network-online.target lvs-boot.service
StartLimitIntervalSec=0

[Service]
ExecStart=
ExecStart=/usr/bin/${EXPORTER} ${options.join(" ")} $ARGS
Restart=always
RestartSec=2
`;
}

/** A loop, and no timer: systemd would write two lines into the journal for each round. */
export function tellerUnit(site: string, interval: number): string {
  return `[Unit]
Description=Linux Virtual Server: figures for Prometheus
After=lvs-boot.service
StartLimitIntervalSec=0

[Service]
ExecStart=${[SCRIPT, site, String(interval), ...PLACES].join(" ")}
ExecStopPost=/bin/rm -rf ${FIGURES} ${PLACES[1]}
Restart=always
RestartSec=2

[Install]
WantedBy=multi-user.target
`;
}
