/**
 * Shell: prints settings of the ldirectord.cf that ldirectord reads, a line each: the name and the value.
 *
 * @param names as sed's basic regular expressions have them
 */
export function ldirectordSettings(...names: readonly string[]): string {
  return `sed -n 's/^[[:space:]]*\\(${names.join("\\|")}\\)[[:space:]]*=[[:space:]]*"\\{0,1\\}\\([^"]*\\).*/\\1 \\2/p' /etc/ha.d/ldirectord.cf`;
}
