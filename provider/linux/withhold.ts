/**
 * Shell: `withhold PLAIN FILE…` prints its input without what the files contain, because a file may hold a password, and a
 * program that refuses the file may quote it, whole or in part. Each word of three and more characters that occurs in a file
 * becomes "…". The text PLAIN, the name of the file for instance, stays as it is, and so do the names of settings: letters at the
 * beginning of a line, before "=" and a value.
 */
export const WITHHOLD = `withhold() {
  LC_ALL=C awk '
  function known(word, i) {
    if (length(word) < 3) return 0
    word = tolower(word)
    if (word in names) return 0
    for (i = 1; i <= n; i++) if (index(lines[i], word)) return 1
    return 0
  }
  function one(word) { return known(word) ? "…" : word }
  function inner(run, out) {
    for (out = ""; match(run, sign); run = substr(run, RSTART + 1)) out = out one(substr(run, 1, RSTART - 1)) substr(run, RSTART, 1)
    return out one(run)
  }
  function outer(run, lead, tail) {
    lead = match(run, "^" sign "+") ? substr(run, 1, RLENGTH) : ""; run = substr(run, length(lead) + 1)
    tail = match(run, sign "+$") ? substr(run, RSTART) : ""; run = substr(run, 1, length(run) - length(tail))
    return lead (known(run) ? "…" : inner(run)) tail
  }
  function words(text, out, run) {
    for (out = ""; match(text, /[^ \\t]+/); out = out outer(run)) {
      run = substr(text, RSTART, RLENGTH); out = out substr(text, 1, RSTART - 1); text = substr(text, RSTART + RLENGTH)
    }
    return out text
  }
  BEGIN {
    sign = "[!-/:-@[-^\`{-~]"
    for (i = 2; i < ARGC; i++) while ((getline line <ARGV[i]) > 0) {
      lines[++n] = line = tolower(line)
      if (match(line, /^[ \\t]*[a-z][a-z_.-]*[ \\t]*=[ \\t]*[^ \\t=]/)) {
        sub(/^[ \\t]*/, "", line); sub(/[ \\t]*=.*/, "", line); names[line] = 1
      }
    }
    plain = ARGV[1]; ARGC = 1
  }
  {
    for (out = ""; plain != "" && (at = index($0, plain)); $0 = substr($0, at + length(plain)))
      out = out words(substr($0, 1, at - 1)) plain
    print out words($0)
  }' "$@"
}`;
