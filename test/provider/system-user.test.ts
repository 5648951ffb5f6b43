import { onHosts, resources } from "./on-host";

onHosts("a system user", () => {
  const users = resources("SystemUser");
  const shop = { user: "shop" };
  const untimed = () => users.host.snapshot().map((line) => line.replace(/ \d+\.\d+ /, " "));

  test("is added, told when it is gone, and removed", async () => {
    const before = untimed();
    expect((await users.make(shop)).reported).toEqual(shop);
    expect(users.host.calls().filter((call) => /^useradd /.test(call))).toEqual([
      "useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin -- shop",
    ]);
    users.host.write("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
    expect((await users.read(shop)).reported).toEqual({ user: "" });
    users.host.write("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33::/:/bin/false\n");
    users.host.write("/etc/group", "root:x:0:\nwww-data:x:33:\n");
    expect((await users.make(shop, shop)).reported).toEqual(shop);
    await users.drop(shop);
    expect(untimed()).toEqual(before);
  });

  test("one that was there before stays; one that runs something is told", async () => {
    await users.make({ user: "www-data" });
    await users.drop({ user: "www-data" });
    expect(users.host.calls().filter((call) => /^user(add|del)/.test(call))).toEqual([]);
    await users.make(shop);
    users.host.write("/run/logged-in/shop", "");
    await expect(users.drop(shop)).rejects.toThrow(
      /removing the system user shop, who was not there before: exit 8: .*used by process 7/,
    );
  });
});
