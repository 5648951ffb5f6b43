import { type Application, LISTING } from "../application/places";
import { sh } from "../host/command";
import { forGood, intoPlace } from "../host/shell";
import type { Step } from "../reconcile/kind";

// How an artefact arrives on a server, and becomes a release.

/** The artefact where Pulumi runs. */
interface Artefact {
  readonly path: string;
  readonly sha256: string;
}

/** The folder into which an artefact is uploaded. Each site has its own, so that one run does not remove another's. */
export function incoming({ site }: Application): string {
  return `${INCOMING}/${site}`;
}

export const INCOMING = "/var/lib/lvs/incoming";

export function receiving(site: Application): Step {
  return {
    run: { argv: ["install", "-d", "-m", "0700", incoming(site)] },
    purpose: "making room for the artefact",
  };
}

/**
 * Where a release stands while the one that runs is mended. `current` leads to it in that moment, because two renames, one after
 * the other, would leave clients without the files that nginx serves from the release.
 */
const STAND_IN = ".stand-in";

/** The damaged release that runs: the application's working folder until it is restarted. */
const FORMER = ".former";

/** Shell: removes what a release was mended with, once the application has been started anew. */
export const MENDED = `mended() { rm -rf "$1/${FORMER}"; [ "$2" = ${STAND_IN} ] || rm -rf "$1/${STAND_IN}"; }`;

/**
 * Unpacks the artefact beside its place and then renames the folder, so that a release with its final name is complete. A
 * damaged release is renamed first. Of a release that runs, no file is missing at any moment, for clients and for the application.
 * `app` of the stand-in has the same files: removing a link changes no time in a manifest. Its other files are copies, because
 * it would change theirs in `running`.
 */
export function unpacking(site: Application, id: string, artefact: Artefact): Step {
  const { root } = site;
  const to = `${incoming(site)}/artefact`;
  const script = `${LISTING}
    from=$1 sha256=$2 root=$3 id=$4; releases=$root/releases; new=$releases/.$4.new old=$releases/.$4.old other=$releases/${STAND_IN}
    leads() { [ "$(readlink "$root/current")" = "releases/$1" ]; }
    lead() { ln -sfn "releases/$1" "$root/.current" && ${intoPlace('"$root/.current"', '"$root/current"')}; }
    trap 'rm -rf "\${from%/*}" "$new" "$releases/.$id.old"; leads ${STAND_IN} || rm -rf "$other"; rmdir "${INCOMING}" 2>/dev/null' EXIT
    [ "$(sha256sum <"$from" | cut -d' ' -f1)" = "$sha256" ] || { echo "what arrived has another SHA-256" >&2; exit ${OTHER}; }
    rm -rf "$new" && mkdir -p "$new/app" && tar -xzf "$from" --no-same-owner --no-same-permissions -C "$new/app" || exit 1
    listing "$new/app" >"$new/manifest" && [ -s "$new/manifest" ] || exit 1
    runs=
    [ ! -e "$releases/$id" ] || { cp -p "$releases/$id/environment" "$releases/$id/unit" "$new/" 2>/dev/null
      ! leads "$id" || { rm -rf "$other" && mkdir "$other" && cp -al "$new/app" "$other/app" || exit 1
        cp -p "$new/manifest" "$new/environment" "$new/unit" "$other/" 2>/dev/null
        sync -f "$other" && lead ${STAND_IN} && runs=yes || exit 1
        [ -e "$releases/${FORMER}" ] || old=$releases/${FORMER}; }
      rm -rf "$old" && mv -T "$releases/$id" "$old"; }
    sync -f "$new" && mv -T "$new" "$releases/$id" && ${forGood('"$releases/$id"')} && { [ -z "$runs" ] || lead "$id"; }`;
  return {
    upload: { file: artefact.path, to },
    run: sh(script, to, artefact.sha256, root, id),
    purpose: `unpacking ${artefact.path} as release ${id.slice(0, 12)}`,
    advice: ({ exit }) =>
      exit === OTHER
        ? `Was ${artefact.path} built anew since its SHA-256 was declared? Declare the present one`
        : undefined,
    limit: 300,
  };
}

/** Exit status if the artefact that arrived has another SHA-256 than declared. */
const OTHER = 66;
