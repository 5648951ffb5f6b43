/** Counts the turns that everything else of the process has. */
export function turnClock() {
  let turn = 0;
  let next = setImmediate(function tick() {
    turn++;
    next = setImmediate(tick);
  });
  return { now: () => turn, [Symbol.dispose]: () => clearImmediate(next) };
}
