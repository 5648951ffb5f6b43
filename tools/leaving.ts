/** What a signal ends us with: 128 and its number. */
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** Does this when the process ends, by a signal too. The function that comes back calls it off. */
export function whenLeaving(clear: () => void): () => void {
  const listeners = Object.entries(SIGNALS).map(([signal, status]) => [signal, () => process.exit(status)] as const);
  process.on("exit", clear);
  for (const [signal, leave] of listeners) process.on(signal, leave);
  return () => {
    process.off("exit", clear);
    for (const [signal, leave] of listeners) process.off(signal, leave);
  };
}

/** Ends with the npm that started us, if one did: when it is killed it tells nobody. */
export function leaveWithNpm(): void {
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(1);
  }, 1000).unref();
}
