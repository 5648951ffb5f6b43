import { sh } from "../host/command";
import { type Fact, printed } from "../host/fact";
import { hold } from "../host/shell";
import { entryName, FOLDER } from "../reconcile/ledger";

// Folders that we made for a file. Such a folder is removed with the last file in it. Until then a mark in the ledger says that
// the folder is ours, because the file that needed the folder first may be gone before the others.

/** Shell: two runs that make or remove folders take turns. */
export const FOLDERS_LOCKED = hold("folders");

/** The folders on the way to a path, from the top. */
export function foldersAbove(path: string): string[] {
  const names = path.split("/").slice(1, -1);
  return names.map((_, i) => `/${names.slice(0, i + 1).join("/")}`);
}

/** The folders on the way to a path, from the top, each with the path of its mark. */
export function foldersTo(path: string): [folder: string, mark: string][] {
  return foldersAbove(path).map((folder) => [folder, `${FOLDER}/${entryName("Folder", folder)}`]);
}

/**
 * The folders of ours that nothing needs: those on the way to a path that we made and that are empty, and the candidate's.
 * Another run that writes or removes a file has such folders for a moment. The lock makes the second look wait for that run.
 */
export function idleFolders(path: string, candidate: string): Fact<string[]> {
  const ask = sh(
    `hollow() {
          [ ! -d "$1" ] || printf '%s\\n' "$1"; shift
          while [ $# -gt 0 ]; do
            if [ -e "$2" ] && [ -z "$(ls -A "$1" 2>/dev/null)" ]; then printf '%s\\n' "$1"; fi; shift 2
          done
        }
        [ -z "$(hollow "$@")" ] || { ${FOLDERS_LOCKED}; hollow "$@"; }`,
    candidate,
    ...foldersTo(path).flat(),
  );
  return printed(ask, (output) => output.split("\n").filter((line) => line !== ""));
}
