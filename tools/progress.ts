/**
 * Runs one phase of a longer job. Prints what is being done, and afterwards how long the phase took, unless it was
 * short.
 */
export async function phase<T>(title: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const slow = setTimeout(() => process.stderr.write(`▸ ${title} …\n`), 500);
  try {
    return await work();
  } finally {
    clearTimeout(slow);
    const seconds = (performance.now() - began) / 1000;
    if (seconds > 0.5) process.stderr.write(`▸ ${title}: ${seconds.toFixed(1)} s\n`);
  }
}
