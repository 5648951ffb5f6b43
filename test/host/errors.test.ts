import type { Session } from "../../provider/host/command";
import { LvsError, StepFailed } from "../../provider/host/errors";
import { stepFailed } from "../../provider/reconcile/step-failed";

test("what a host says of a failed step has no sign that a terminal obeys", () => {
  const stderr = "\x1b]0;root\x07\x1b[2Jall\u009b1A is\r well\u202e\n\tnot";
  const session = { name: "rs1" } as Session;
  const error = stepFailed(session, { run: { argv: ["x"] }, purpose: "writing" }, { exit: 1, stdout: "", stderr });
  expect(error).toBeInstanceOf(StepFailed);
  expect(error.message).toBe("host rs1: writing: exit 1: �]0;root��[2Jall�1A is� well�; \tnot");
});

test("lines, tabs and letters of any language stay", () => {
  expect(new LvsError("größe\n\tключ 鍵").message).toBe("größe\n\tключ 鍵");
});
