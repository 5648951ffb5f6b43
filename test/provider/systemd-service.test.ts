import { createHash } from "node:crypto";
import { mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { kinds } from "../../provider/kinds";
import type { Kind } from "../../provider/reconcile/kind";
import { apply, remove } from "../../provider/reconcile/reconcile";
import { onHosts, resources } from "./on-host";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

onHosts("a systemd service", () => {
  const services = resources("SystemdService");
  const file = kinds.get("File") as Kind;
  const unit = (name: string) => `/run/units/nginx.service/${name}`;
  const word = (name: string) => services.host.text(unit(name)).trim();
  const loads = () => (services.host.has(unit("loads")) ? services.host.text(unit("loads")).length / 2 : 0);
  const path = "/etc/nginx/conf.d/site.conf";
  const site = (content: string) => ({ unit: "nginx", configuration: { [path]: sha256(content) } });
  const write = (content: string) =>
    apply(file, services.host, { owner: "p/s/f", want: file.inputs.parse({ path, content }) });
  const unwrite = () => remove(file, services.host, { owner: "p/s/f", had: file.inputs.parse({ path, content: "" }) });
  const unlogged = () =>
    services.host
      .snapshot()
      .filter((line) => !/\/loads |log /.test(line))
      .map((line) => line.replace(/ \d+\.\d+ /, " "));

  beforeEach(() => {
    services.host.write(unit("enabled"), "disabled\n");
    services.host.write(unit("active"), "inactive\n");
  });

  test("is enabled and started, and put back", async () => {
    const before = unlogged();
    expect((await services.make({ unit: "nginx" })).reported).toMatchObject({
      unit: "nginx.service",
      enabled: true,
      running: true,
    });
    expect([word("enabled"), word("active"), loads()]).toEqual(["enabled", "active", 1]);
    services.host.write(unit("active"), "failed\n");
    expect((await services.read({ unit: "nginx" })).reported).toMatchObject({ running: false });
    await services.make({ unit: "nginx" }, { unit: "nginx" });
    expect(word("active")).toBe("active");
    await services.drop({ unit: "nginx" });
    expect(unlogged()).toEqual(before);
  });

  test("that other units start as well, by somebody's links, is started by them again", async () => {
    services.host.write(unit("enabled"), "enabled\n");
    const links = ["multi-user.target.wants", "backup.target.requires"].map(
      (by) => `/etc/systemd/system/${by}/nginx.service`,
    );
    for (const link of links) {
      const path = join(services.host.root, link);
      mkdirSync(dirname(path), { recursive: true });
      symlinkSync("/lib/systemd/system/nginx.service", path);
    }
    const before = unlogged();
    const off = { unit: "nginx", enabled: false, running: false };
    expect((await services.make(off)).failure).toBeUndefined();
    expect(links.map((link) => services.host.has(dirname(link)))).toEqual([false, false]);
    await services.drop(off);
    expect(unlogged()).toEqual(before);
  });

  test("leaves nothing where it never started, or had an empty list of files", async () => {
    const before = unlogged();
    services.host.write(unit("refuses"), "");
    services.host.write("/etc/any.conf", "loaded\n");
    const refused = { unit: "nginx", configuration: { "/etc/any.conf": sha256("loaded\n") } };
    expect((await services.make(refused)).failure?.message).toContain("starting nginx.service");
    expect(services.host.has("/var/lib/lvs/loaded/.nginx.service")).toBe(true);
    await services.drop(refused);
    expect(services.host.has("/var/lib/lvs")).toBe(false);
    services.host.remove(unit("refuses"));
    services.host.remove("/etc/any.conf");
    await services.make({ unit: "nginx", configuration: {} });
    await services.drop({ unit: "nginx", configuration: {} });
    expect(unlogged()).toEqual(before);
  });

  test("can be declared off, and comes back on", async () => {
    services.host.write(unit("enabled"), "enabled\n");
    services.host.write(unit("active"), "active\n");
    const off = { unit: "nginx", enabled: false, running: false };
    await services.make(off);
    expect([word("enabled"), word("active")]).toEqual(["disabled", "inactive"]);
    await services.drop(off);
    expect([word("enabled"), word("active")]).toEqual(["enabled", "active"]);
  });

  test("that is to stand still loads nothing: files that are not there, or are others, are no difference", async () => {
    const before = unlogged();
    const off = { ...site("one"), enabled: false, running: false };
    for (const there of ["", "one", "two"]) {
      if (there) await write(there);
      const { failure, reported } = await services.make(off);
      expect([failure, reported?.configuration]).toEqual([undefined, { [path]: sha256("one") }]);
      expect((await services.read(off)).reported?.configuration).toEqual({ [path]: sha256("one") });
    }
    // With `running` the files count again.
    const early = await services.make({ ...site("one"), enabled: false }, off);
    expect(early.failure?.message).toMatch(/site.conf is not as declared/);
    await write("one");
    expect((await services.make({ ...site("one"), enabled: false }, off)).reported).toMatchObject({ running: true });
    expect(loads()).toBe(1);
    await services.make(off, { ...site("one"), enabled: false });
    expect([word("active"), loads()]).toEqual(["inactive", 1]);
    await services.drop(off);
    await unwrite();
    expect(unlogged()).toEqual(before);
  });

  test("is reloaded when its configuration changed, and only then", async () => {
    await write("one");
    await services.make(site("one"));
    expect(loads()).toBe(1);
    await services.make(site("one"), site("one"));
    expect(loads()).toBe(1);
    await write("two");
    expect((await services.read(site("one"))).reported?.configuration).toEqual({ [path]: sha256("two") });
    expect((await services.make(site("two"), site("one"))).reported).toMatchObject(
      site("two").configuration && { configuration: site("two").configuration },
    );
    expect(loads()).toBe(2);
  });

  test("a file that was changed by hand and repaired may have been loaded in between: it is reloaded", async () => {
    await write("one");
    await services.make(site("one"));
    services.host.write(path, "by hand");
    await write("one");
    expect((await services.make(site("one"), site("one"))).failure).toBeUndefined();
    expect(loads()).toBe(2);
  });

  test("is not loaded with files other than declared, nor with ones that do not validate", async () => {
    const early = await services.make(site("one"));
    expect(early.failure?.message).toMatch(/site.conf is not as declared. Is this resource made after its files/);
    await write("one");
    const invalid = await services.make({ ...site("one"), validate: ["sh", "-c", "echo line 7 >&2; exit 1"] });
    expect(invalid.failure?.message).toMatch(/validating the configuration of nginx.service \(sh -c .*line 7/);
    const words =
      "echo 'nginx: [emerg] socket() [::]:80 failed (97: Address family not supported by protocol)' >&2; exit 1";
    const withoutIpv6 = await services.make({ ...site("one"), validate: ["sh", "-c", words] });
    expect(withoutIpv6.failure?.message).toMatch(/The host has no IPv6: .*ipv6: false/);
    expect([loads(), word("active")]).toEqual([0, "inactive"]);
    expect(early.reported).toMatchObject({ running: false });
  });

  test("what refuses a configuration may not quote a file that others cannot read", async () => {
    const secret = "proxy_set_header Authorization hunter2-Top-Secret;";
    const said = `unknown directive "hunter2-Top-Sec" in ${path}:7 (proxy_set_header)`;
    const validate = ["sh", "-c", `echo '${said}'; exit 1`];
    services.host.write("/usr/local/sbin/journalctl", `#!/bin/sh\necho '${said}'\n`);
    for (const mode of ["0600", "0644"]) {
      const want = file.inputs.parse({ path, content: secret, mode });
      expect((await apply(file, services.host, { owner: "p/s/f", want })).failure).toBeUndefined();
      const checked = await services.make({ ...site(secret), validate });
      services.host.write(unit("dies"), "");
      const started = await services.make(site(secret));
      for (const { failure } of [checked, started])
        expect(failure?.message).toContain(
          mode === "0600"
            ? `unknown directive "…" in ${path}:7 (…)`
            : `unknown directive "hunter2-Top-Sec" in ${path}:7`,
        );
    }
  });

  test("one that was found running is told when the last of its files is put back", async () => {
    services.host.write(unit("active"), "active\n");
    services.host.write(path, "found");
    const before = unlogged();
    await write("ours");
    await services.make(site("ours"));
    await services.drop(site("ours"));
    expect([loads(), word("active"), services.host.has("/var/lib/lvs/loaded/nginx.service")]).toEqual([
      1,
      "active",
      true,
    ]);
    await unwrite();
    expect([loads(), services.host.text(path)]).toEqual([2, "found"]);
    expect(services.host.calls().at(-1)).not.toMatch("restart nginx.service");
    expect(services.host.calls()).toContain("systemctl try-reload-or-restart nginx.service");
    expect(unlogged()).toEqual(before);
  });

  test("a file that leaves a declared service's configuration is unloaded when it goes", async () => {
    await write("one");
    await services.make(site("one"));
    await services.make({ unit: "nginx", configuration: {} }, site("one"));
    expect(loads()).toBe(1);
    await unwrite();
    expect(loads()).toBe(2);
  });

  test("one that does not come up is told with its journal", async () => {
    services.host.write(unit("refuses"), "");
    const refused = await services.make({ unit: "nginx" });
    expect(refused.failure?.message).toMatch(/starting nginx.service: exit 1: Job for .*Address already in use/);
    services.host.remove(unit("refuses"));
    services.host.write(unit("dies"), "");
    const died = await services.make({ unit: "nginx" });
    expect(died.failure?.message).toMatch(/Active: failed .*Address already in use/);
    expect(died.reported).toMatchObject({ enabled: true, running: false });
  });

  test("an unknown unit, and a masked one", async () => {
    const unknown = await services.make({ unit: "ngnix" });
    expect(unknown.failure?.message).toMatch(
      /Unit ngnix.service not found.*Is the package that brings ngnix.service installed/,
    );
    services.host.write(unit("enabled"), "masked\n");
    const masked = await services.make({ unit: "nginx" });
    expect(masked.failure?.message).toMatch(/is masked.*systemctl unmask nginx.service/);
    await services.drop({ unit: "ngnix" });
  });

  test("a unit without [Install] is neither enabled nor disabled", async () => {
    services.host.write(unit("enabled"), "static\n");
    expect((await services.make({ unit: "nginx" })).reported).toMatchObject({ enabled: true, running: true });
    expect(word("enabled")).toBe("static");
  });

  test("a unit file that changed is read again first", async () => {
    services.host.write(unit("stale"), "");
    await services.make({ unit: "nginx" });
    expect(services.host.has(unit("stale"))).toBe(false);
  });
});
