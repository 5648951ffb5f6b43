import { spawn } from "node:child_process";
import { once } from "node:events";
import { heeds } from "../kernel/heeds";

test("a process heeds the signals that it has handlers for, and no others", async () => {
  const shell = spawn("bash", ["--norc", "-c", "trap : USR1; echo ready; read -r"]);
  try {
    await once(shell.stdout, "data");
    expect(heeds(shell.pid, "SIGUSR1")).toBe(true);
    expect(heeds(shell.pid, "SIGIO")).toBe(false);
  } finally {
    shell.kill("SIGKILL");
  }
  await once(shell, "close");
  expect(heeds(shell.pid, "SIGUSR1")).toBe(false);
});

test("what was not started heeds nothing", () => {
  expect(heeds(undefined, "SIGIO")).toBe(false);
});
