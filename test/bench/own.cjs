// Our own part: what Pulumi's engine asks for, without Pulumi. One process, as the engine starts one.
const { provider } = require("../../provider/dist/index.js");
const { closeIdle, statistics } = require("../../provider/dist/host/pool.js");
const { monitorEventLoopDelay } = require("node:perf_hooks");

async function main() {
  const { verb, resources } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
  let width = 0;
  const done = [];
  // The longest time for which nothing else of the process gets its turn: another host's answer, the engine's question.
  const held = monitorEventLoopDelay({ resolution: 1 });
  held.enable();
  // The engine asks for so many things at a time.
  const one = async ({ kind, inputs, id, state }) => {
    const handler = provider(kind);
    if (verb === "preview") {
      const { inputs: normal } = await handler.check(inputs, inputs);
      return { kind, inputs, id, state, changes: (await handler.diff(id, state, normal)).changes };
    }
    if (verb === "update") {
      const { inputs: normal } = await handler.check(inputs, inputs);
      return { kind, inputs, id, state: (await handler.update(id, state, normal)).outs };
    }
    if (verb === "create") {
      const { inputs: normal, failures } = await handler.check({}, inputs);
      if (failures.length > 0) throw new Error(JSON.stringify(failures));
      const made = await handler.create(normal);
      return { kind, inputs, id: made.id, state: made.outs };
    }
    if (verb === "read") return { kind, inputs, id, state: (await handler.read(id, state)).props };
    await handler.delete(id, state);
    return undefined;
  };
  await Promise.all(
    Array.from({ length: 64 }, async () => {
      while (width < resources.length) {
        const at = width++;
        done[at] = await one(resources[at]);
      }
    }),
  );
  // What was done last is measured by the next turn.
  await new Promise((turn) => setTimeout(turn, 10));
  held.disable();
  closeIdle();
  process.stdout.write(JSON.stringify({ resources: done, statistics, held: held.max / 1e6 }));
}
main().catch((error) => {
  console.error(error);
  process.exit(1);
});
