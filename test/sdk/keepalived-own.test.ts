import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Host, Keepalived } from "../../sdk";
import { INCLUDE, MAIN_TEXT, VALIDATE_MAIN, validatePart } from "../../sdk/keepalived/daemon";
import { only, register } from "./registered";

// A host whose keepalived has other work, by a keepalived.conf that somebody else has written.

const FOLDER = "/etc/keepalived";
const theirs = "vrrp_instance own {\n    interface eth0\n    virtual_router_id 51\n}\n";
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lvs-keepalived-"));
  mkdirSync(join(folder, "lvs.d"));
  tool("systemctl", "exit 0");
  // As keepalived itself: it says what it does not like, and includes what it finds.
  tool(
    "keepalived",
    `all=$(sed 's/^ *include \\(.*\\)/\\1/; t; d' "$3" | while read -r one; do cat $one; done; cat "$3")
    case $all in *"id 51"*"id 51"*) echo "(shop) duplicate VRID conflict"; exit 5 ;; *odd*) echo "what is odd?"; exit 5 ;; esac`,
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

function tool(name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text.replaceAll(FOLDER, folder));
}

/** Has a candidate judged, and returns what is said, or the status 0. */
function judged([sh = "", ...words]: readonly string[], candidate: string): string | 0 {
  write("candidate", candidate);
  expect(words.join(" ").split("%s")).toHaveLength(2);
  const here = words.map((word) => (word === "%s" ? join(folder, "candidate") : word.replaceAll(FOLDER, folder)));
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
  const { status, stdout, stderr } = spawnSync(sh, here, { env, encoding: "utf8" });
  expect(readdirSync(folder).filter((name) => /conf\..+/.test(name))).toEqual([]);
  return status === 0 ? 0 : `${stdout}${stderr}`;
}

describe("keepalived.conf", () => {
  test.each([
    ["there is none", undefined],
    ["it is ours", MAIN_TEXT],
    ["it does nothing", "global_defs {\n    vrrp_version 3\n}\n# vrrp_instance old {\n"],
  ])("is written where %s", (_, text) => {
    if (text !== undefined) write("keepalived.conf", text);
    expect(judged(VALIDATE_MAIN, MAIN_TEXT)).toBe(0);
  });

  test("of a package, which nothing runs, is replaced", () => {
    write("keepalived.conf", theirs);
    tool("systemctl", "exit 1");
    expect(judged(VALIDATE_MAIN, MAIN_TEXT)).toBe(0);
  });

  test.each([theirs, "@d1 virtual_server 10.0.0.9 80 {\n}\n", "  include sites/*.conf\n"])(
    "that somebody's keepalived works by is not replaced: %j",
    (text) => {
      write("keepalived.conf", text);
      expect(judged(VALIDATE_MAIN, MAIN_TEXT)).toBe("its owner would lose addresses\n");
    },
  );
});

describe("an instance beside somebody's own", () => {
  const beside = () => validatePart(`${FOLDER}/lvs.d/shop.conf`, false);
  const ours = "vrrp_instance shop {\n    virtual_router_id 52\n}\n";

  test.each([undefined, theirs, `# ${INCLUDE}\n${theirs}`, `${theirs}include sites/*.conf\n`])(
    "has to be included: %j",
    (text) => {
      if (text !== undefined) write("keepalived.conf", text);
      expect(judged(beside(), ours)).toBe("nobody would read it\n");
    },
  );

  test("is accepted with it, whatever keepalived says of the rest, and a second time as well", () => {
    write("keepalived.conf", `odd\n${theirs}${INCLUDE}\n`);
    expect(judged(beside(), ours)).toBe(0);
    write("lvs.d/shop.conf", ours);
    expect(judged(beside(), ours)).toBe(0);
  });

  test("is no virtual router that somebody has, and not odd itself", () => {
    write("keepalived.conf", `${theirs}${INCLUDE}\n`);
    expect(judged(beside(), ours.replace("52", "51"))).toMatch("duplicate VRID");
    expect(judged(beside(), `odd\n${ours}`)).toMatch("what is odd?");
    expect(existsSync(join(folder, "lvs.d/shop.conf"))).toBe(false);
  });

  test("has the daemon load what is ours alone", async () => {
    const registered = await register(() => {
      const how = { device: "eth0", source: "10.0.0.2", peers: ["10.0.0.3"], main: false };
      new Keepalived("shop", { host: new Host("d1"), ...how, addresses: [{ address: "10.0.0.9" }] });
    });
    expect(registered.map(({ name }) => name)).not.toContain("shop-main");
    const { configuration } = only(registered, "VrrpInstance", "shop").inputs as { configuration: object };
    expect(Object.keys(configuration).sort()).toEqual([
      `${FOLDER}/lvs.d/shop.conf`,
      "/etc/systemd/system/keepalived.service.d/lvs.conf",
    ]);
    expect(only(registered, "File", "shop-configuration").inputs.validate).toEqual(beside());
  });
});
