// Which values ldirectord takes for its directives (read_config), and what it says of others.

const SERVICES =
  "dns ftp http https http_proxy imap imaps ldap ldaps nntp mysql none oracle pop pops radius pgsql sip smtp submission simpletcp";
const POSITIVE = /^\D*0*[1-9]/;
/** The first number of the text, 1 to 65535, as ldirectord judges it, whatever it says. */
const PORT = /^\D*0*([1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])(?!\d)/;
const YES_NO = /^(yes|no)$/;

type Rule = readonly [fits: RegExp, otherwise: string];

/** The directives of a service and of the file that have a rule for their value. */
const COMMON: Readonly<Record<string, Rule>> = {
  checktimeout: [POSITIVE, "invalid check timeout"],
  negotiatetimeout: [POSITIVE, "invalid negotiate timeout"],
  checkcount: [POSITIVE, "invalid check count"],
  failurecount: [POSITIVE, "invalid failure count"],
  checkinterval: [POSITIVE, "invalid checkinterval"],
  quiescent: [YES_NO, "quiescent must be 'yes' or 'no'"],
  cleanstop: [YES_NO, "cleanstop must be 'yes' or 'no'"],
  emailalert: [/./, "no email address specified"],
  emailalertfreq: [/^\d/, "invalid email alert frequency"],
  emailalertstatus: [
    /^(all|none|starting|stopping|running|reloading)(\s*,\s*(all|none|starting|stopping|running|reloading))*\s*$/,
    "invalid email alert status",
  ],
  fallbackcommand: [/./, "invalid fallback command"],
  smtp: [/^[0-9A-Za-z._+-]/, "invalid SMTP server address"],
};

/** The directives that stand before the services. */
export const GLOBALS: Readonly<Record<string, Rule>> = {
  ...COMMON,
  autoreload: [YES_NO, "autoreload must be 'yes' or 'no'"],
  callback: [/^".*"/, "callback stands in quotes"],
  logfile: [/^".*"/, "logfile stands in quotes"],
  execute: [/^/, ""],
  fork: [YES_NO, "fork must be 'yes' or 'no'"],
  supervised: [YES_NO, "supervised must be 'yes' or 'no'"],
  readdquiescent: [YES_NO, "readdquiescent must be 'yes' or 'no'"],
  emailalertfrom: [/./, "no email from address specified"],
  maintenancedir: [/./, "maintenance directory not specified"],
};

const QUOTED: Rule = [/^".+"/, "stands in quotes and is not empty"];

/** The directives of a service. */
export const DIRECTIVES: Readonly<Record<string, Rule>> = {
  ...COMMON,
  request: QUOTED,
  receive: QUOTED,
  login: QUOTED,
  passwd: QUOTED,
  database: QUOTED,
  secret: QUOTED,
  load: QUOTED,
  checktype: [
    /\d|^\W*(connect|negotiate|ping|off|on|external|external-perl)(?![\w-])/,
    "checktype must be connect, negotiate, on, off, ping, external, external-perl or a positive number",
  ],
  checkcommand: [/./, "invalid check command"],
  checkport: [PORT, "checkport must be in range 1..65536"],
  scheduler: [/[a-z]/, "invalid scheduler, should be only lowercase letters (a-z)"],
  persistent: [/\d/, "invalid persistent timeout"],
  schedflags: [/\S/, "invalid sched-flags"],
  netmask: [/^\d+(\.\d+\.\d+\.\d+)?$/, "invalid netmask"],
  ops: [YES_NO, "ops must be 'yes' or 'no'"],
  protocol: [/\w/, "invalid protocol"],
  service: [
    new RegExp(`^\\W*(${SERVICES.split(" ").join("|")})(?!\\w)`),
    `service must be one of ${SERVICES.replaceAll(" ", ", ")}`,
  ],
  httpmethod: [/^\W*(GET|HEAD)(?!\w)/i, "httpmethod must be GET or HEAD"],
  virtualhost: [/^/, ""],
  monitorfile: [/./, "invalid monitorfile"],
  servicename: [/^/, ""],
  comment: [/^/, ""],
};
