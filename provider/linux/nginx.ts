import { type Command, sh } from "../host/command";
import { type Fact, printed } from "../host/fact";
import { intoPlace } from "../host/shell";
import { entryName, FOLDER, parseEntry } from "../reconcile/ledger";
import { ON_ONE_LINE, textOf } from "./on-one-line";
import { WALK } from "./walk";

// Sites of ours in nginx's folder. One of them answers every name on its ports (`default_server`), and nginx refuses a
// configuration in which two do (http://nginx.org/en/docs/http/ngx_http_core_module.html#listen).

const SITES = "/etc/nginx/conf.d";
const SITE = /^\/etc\/nginx\/conf\.d\/lvs-[\w-]+\.conf$/;

/** What such a site is on its host, in words. */
export const DEFAULT_SITE = "the site with which nginx answers every name";

/** Whether a file makes nginx answer every name with its site. */
export function answersEveryName(path: string, content: string): boolean {
  return SITE.test(path) && content.includes(" default_server;");
}

/** The other sites of ours that answer every name, by the path of the file, and who declares each. */
export function otherDefaultSites(path: string): Fact<Record<string, readonly string[]>> {
  const ask = sh(
    `${WALK}
    guard ${SITES} 2>/dev/null || exit 0
    for name in lvs-*.conf; do
      if [ "$name" != "$1" ] && grep -qs ' default_server;' "./$name"; then
        { printf '%s ' "$name"; ${ON_ONE_LINE}; } 2>/dev/null <"$2$name" || :
      fi
    done`,
    path.slice(SITES.length + 1),
    `${FOLDER}/${entryName("File", `${SITES}/`)}`,
  );
  return printed(ask, (output) =>
    Object.fromEntries(
      [...output.matchAll(/^(lvs-\S+\.conf) (.*)$/gm)].map(([, name = "", line = ""]) => {
        const { owners } = parseEntry(`${FOLDER}/${entryName("File", `${SITES}/${name}`)}`, textOf(line));
        return [`${SITES}/${name}`, Object.keys(owners)];
      }),
    ),
  );
}

/**
 * Lets these sites answer every name no more. Nothing else of them changes: nginx takes both, and each goes on as long as it is
 * the only one. So whatever comes in between, nginx finds a configuration that it takes.
 */
export function nameless(paths: readonly string[]): Command {
  const script = `${WALK}
    guard ${SITES} || exit 1
    for name; do
      if [ -f "./$name" ]; then
        sed 's/ default_server;/;/' "./$name" >"./.$name.lvs-new" && chown --reference="./$name" "./.$name.lvs-new" &&
          chmod --reference="./$name" "./.$name.lvs-new" && ${intoPlace('"./.$name.lvs-new"', '"./$name"')} || exit 1
      fi
    done`;
  return sh(script, ...paths.map((path) => path.slice(SITES.length + 1)));
}
