import * as bird from "../../sdk/bird/daemon";
import { JUDGE_TEXT } from "../../sdk/bird/judge";
import { checksUnitText } from "../../sdk/keepalived/checks-daemon";
import * as keepalived from "../../sdk/keepalived/daemon";
import { READY_TEXT } from "../../sdk/keepalived/ready";
import { VALIDATE } from "../../sdk/ldirectord/daemon";
import { METRICS_SCRIPT } from "../../sdk/metrics/script";
import { hasAddress, unitDropIn } from "../../sdk/sites/postgresql-config";
import type { Script } from "./shellcheck";

/** The scripts that the SDK lets hosts run, in a unit or as the check of a candidate. */
export function sdkScripts(): Script[] {
  return [
    ...[bird.validatePart("shop.conf")[2], bird.VALIDATE_MAIN[2]].map((text) => ({
      from: "sdk/bird/daemon.ts",
      text: text as string,
    })),
    { from: "sdk/bird/judge.ts", text: JUDGE_TEXT },
    ...[
      keepalived.validatePart("shop.conf")[2],
      keepalived.validatePart("shop.conf", false)[2],
      keepalived.VALIDATE_MAIN[2],
      keepalived.VALIDATE_REACH[2],
      keepalived.NOTIFY_TEXT,
      keepalived.REACH_TEXT,
    ].map((text) => ({ from: "sdk/keepalived/daemon.ts", text: text as string })),
    { from: "sdk/keepalived/ready.ts", text: READY_TEXT },
    ...inUnit("sdk/keepalived/checks-daemon.ts", checksUnitText("shop")),
    { from: "sdk/ldirectord/daemon.ts", text: VALIDATE[2] as string },
    { from: "sdk/metrics/script.ts", text: METRICS_SCRIPT },
    { from: "sdk/sites/postgresql-config.ts", text: hasAddress("10.0.0.9") },
    ...inUnit("sdk/sites/postgresql-config.ts", unitDropIn("10.0.0.9")),
  ];
}

/** The unit's commands that are run by a shell. A unit has $$ for $ and %% for % (systemd.service(5)). */
function inUnit(from: string, unit: string): Script[] {
  return [...unit.matchAll(/^Exec\w+=\/bin\/sh -c '(.*)'$/gm)].map(([, text = ""]) => ({
    from,
    text: text.replaceAll("$$", "$").replaceAll("%%", "%"),
  }));
}
