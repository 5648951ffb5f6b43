import { sh } from "../host/command";
import { ENABLED_FOR_GOOD } from "../host/shell";
import type { Step } from "../reconcile/kind";

// What else starts a unit at boot: links that somebody has made (systemctl(1), add-wants, add-requires). A `disable` removes
// them with those of the unit's [Install] section, and an `enable` makes the latter alone.

/** Shell: prints the links to the unit `$1`, each "link=multi-user.target.wants". No program is started for that. */
export const UNIT_LINKS = `for link in /etc/systemd/system/*.wants/"$1" /etc/systemd/system/*.requires/"$1"; do
  [ ! -L "$link" ] || { link=\${link%/*}; printf 'link=%s\\n' "\${link##*/}"; }
done`;

export function unitLinks(said: string): { links?: string[] } {
  const links = [...said.matchAll(/^link=(.+)$/gm)].map(([, link]) => link as string);
  return links.length > 0 ? { links } : {};
}

/** The steps that make links again which were found. */
export function linking(unit: string, found: readonly string[] = [], seen: readonly string[] = []): Step[] {
  return found
    .filter((link) => !seen.includes(link))
    .map((link) => {
      const [, by = "", how = ""] = /^(.*)\.(wants|requires)$/.exec(link) ?? [];
      const run = sh(
        `[ -L "/etc/systemd/system/$3.$4/$2" ] || { systemctl -q "$1" "$3" "$2" && ${ENABLED_FOR_GOOD}; }`,
        ...[`add-${how}`, unit, by, how],
      );
      return { run, purpose: `letting ${by} start ${unit} again` };
    });
}
