/** A role's or database's name that needs no escaping anywhere. PostgreSQL cuts longer ones off. */
export function isPostgresqlName(text: string): boolean {
  return /^[a-z_][a-z0-9_]{0,62}$/.test(text);
}
