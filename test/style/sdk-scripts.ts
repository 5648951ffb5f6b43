import { VALIDATE } from "../../sdk/ldirectord/daemon";
import { hasAddress, unitDropIn } from "../../sdk/sites/postgresql-config";
import type { Script } from "./shellcheck";

/** What the SDK has hosts run, as a candidate's check or in a unit. */
export function sdkScripts(): Script[] {
  return [
    { from: "sdk/ldirectord/daemon.ts", text: VALIDATE[2] as string },
    { from: "sdk/sites/postgresql-config.ts", text: hasAddress("10.0.0.9") },
    ...inUnit("sdk/sites/postgresql-config.ts", unitDropIn("10.0.0.9")),
  ];
}

/** Of its commands, those by a shell: systemd.service(5) has $$ for $ and %% for %. */
function inUnit(from: string, unit: string): Script[] {
  return [...unit.matchAll(/^Exec\w+=\/bin\/sh -c '(.*)'$/gm)].map(([, text = ""]) => ({
    from,
    text: text.replaceAll("$$", "$").replaceAll("%%", "%"),
  }));
}
