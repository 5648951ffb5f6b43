import { createHash } from "node:crypto";
import { find } from "../../provider/host/fact";
import { confirmLoaded, noted, prepareLoaded, reloadUnitsThatLoaded } from "../../provider/linux/loaded-files";
import { MemoryHost } from "./memory-host";
import { onHosts } from "./on-host";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

onHosts("the record of loaded files", () => {
  test("a file is put back while its unit takes up a change: the change is noted whole", async () => {
    using host = new MemoryHost();
    const [stays, goes] = ["/etc/nginx/stays\rhere", "/etc/nginx/goes"];
    for (const path of [stays, goes]) host.write(path, "one");
    const both = { [stays]: sha256("one"), [goes]: sha256("one") };
    const steps = [
      prepareLoaded("nginx.service", "restart", both),
      confirmLoaded("nginx.service"),
      prepareLoaded("nginx.service", "restart", { [stays]: sha256("one") }),
      reloadUnitsThatLoaded(goes),
      confirmLoaded("nginx.service"),
    ];
    expect((await host.run({ steps })).steps.map(({ exit }) => exit)).toEqual([0, 0, 0, 0, 0]);
    expect(Object.keys((await find(host, noted("nginx.service"))).loaded)).toEqual([stays]);
    expect(host.snapshot().filter((line) => /loaded\/\./.test(line))).toEqual([]);
  });
});
