import { onHosts, resources } from "./on-host";

onHosts("a package, by apt", () => {
  const packages = resources("Package");
  const nginx = { package: "nginx" };
  const installed = () => packages.host.has("/var/lib/packages/nginx");
  const installs = () => packages.host.calls().filter((call) => / install /.test(call)).length;
  beforeEach(() => packages.host.write("/srv/repository/nginx", "1.22.1-9"));

  test("is installed from an index that is fetched only where it has to be", async () => {
    expect((await packages.make(nginx)).reported).toEqual({ ...nginx, installed: true, removeOnDelete: false });
    expect(packages.host.calls().filter((call) => / update$/.test(call))).toHaveLength(1);
    packages.host.write("/var/lib/index/curl", "8");
    expect((await packages.make({ package: "curl" })).failure).toBeUndefined();
    expect(packages.host.calls().filter((call) => / update$/.test(call))).toHaveLength(1);
    expect(installs()).toBe(2);
  });

  test("stays when it is deleted, unless removal was asked for", async () => {
    await packages.make(nginx);
    await packages.drop(nginx);
    expect(installed()).toBe(true);
    packages.host.remove("/var/lib/packages");
    const passing = { ...nginx, removeOnDelete: true };
    await packages.make(passing);
    await packages.drop(passing);
    expect([installed(), packages.host.has("/var/lib/lvs")]).toEqual([false, false]);
  });

  test("one that was there before stays, and one that others need", async () => {
    const passing = { ...nginx, removeOnDelete: true };
    packages.host.write("/var/lib/packages/nginx", "1.22.1-9");
    await packages.make(passing);
    expect(installs()).toBe(0);
    await packages.drop(passing);
    expect(installed()).toBe(true);
    packages.host.remove("/var/lib/packages");
    await packages.make(passing);
    packages.host.write("/var/lib/needed/nginx", "");
    await expect(packages.drop(passing)).rejects.toThrow("Other packages need nginx by now");
    expect(installed()).toBe(true);
  });

  test("a version is exact", async () => {
    packages.host.write("/var/lib/packages/nginx", "1.18");
    const exact = { ...nginx, version: "1.22.1-9" };
    expect((await packages.read(exact)).reported).toBeUndefined();
    expect((await packages.make(exact)).reported).toMatchObject({ version: "1.22.1-9" });
    const other = await packages.make({ ...nginx, version: "9" }, exact);
    expect(other.failure?.message).toMatch(/installing the package nginx 9: exit 100: .*Is nginx 9 spelled/);
    expect(other.reported).toMatchObject({ version: "1.22.1-9" });
  });

  test("a name that no repository has", async () => {
    const { failure, reported } = await packages.make({ package: "ngnix" });
    expect(failure?.message).toMatch(
      /^host memory: installing the package ngnix: exit 100: E: Unable to locate package ngnix/,
    );
    expect(failure?.message).toMatch("Is ngnix spelled as this distribution spells it");
    expect(reported).toMatchObject({ installed: false });
  });

  test.each([
    ["postgresql-15", ["postgresql-9.6", "postgresql-17", "postgresql-17-cron", "postgresql-common"], ["9.6", "17"]],
    ["postgresql", ["postgresql-17"], []],
    ["postgresql-15", ["nginx"], []],
  ])("%s that the distribution has of another version is told with those that there are", async (name, there, told) => {
    for (const other of there) packages.host.write(`/srv/repository/${other}`, "1");
    const { failure } = await packages.make({ package: name });
    const hosts = failure?.message.match(/The host has postgresql-[\w.]+ to install/g) ?? [];
    expect(hosts).toEqual(told.map((version) => `The host has postgresql-${version} to install`));
  });

  test("one that may cut us off as soon as it is there is guarded; a newer version, and any other, is not", async () => {
    const guards = () => packages.host.calls().filter((call) => call.startsWith("systemd-run"));
    for (const name of ["firewalld", "network-manager"]) packages.host.write(`/srv/repository/${name}`, "2.0");
    packages.host.write("/run/systemd/system/x", "");
    await packages.make(nginx);
    expect(guards()).toEqual([]);
    expect((await packages.make({ package: "firewalld" })).failure).toBeUndefined();
    expect(guards()).toEqual([expect.stringMatching("--on-active=360 ")]);
    await packages.make({ package: "network-manager" });
    for (const unit of ["firewalld", "NetworkManager"])
      expect(packages.host.calls().join("\n")).toMatch(new RegExp(`disable'? '?--now'? '?${unit}\\.service`));
    packages.host.write("/srv/repository/firewalld", "2.1");
    const newer = { package: "firewalld", version: "2.1" };
    expect((await packages.make(newer, { package: "firewalld" })).failure).toBeUndefined();
    expect(guards()).toHaveLength(2);
  });

  test("one that would take another one away is refused, and the other stays", async () => {
    packages.host.write("/var/lib/packages/postfix", "3.7");
    // As apt does: "The following packages will be REMOVED".
    packages.host.write(
      "/usr/local/sbin/apt-get",
      `#!/bin/sh
      case " $* " in
      *" update "*) mkdir -p /var/lib/index && cp /srv/repository/* /var/lib/index/; exit;;
      *" --no-remove "*) echo "E: Packages need to be removed but remove is disabled." >&2; exit 100;;
      esac
      rm /var/lib/packages/postfix; echo 1 >/var/lib/packages/nginx`,
    );
    const { failure } = await packages.make(nginx);
    expect(failure?.message).toContain("`apt-get -s install nginx` on the host names them: remove them by hand first");
    expect([packages.host.has("/var/lib/packages/postfix"), installed()]).toEqual([true, false]);
  });

  test("waits for others who update the index, and mends what dpkg was interrupted in", async () => {
    packages.host.write("/run/apt-locked", "");
    packages.host.write("/var/lib/dpkg/updates/0001", "");
    expect((await packages.make(nginx)).failure).toBeUndefined();
    expect(packages.host.has("/run/apt-locked")).toBe(false);
    packages.host.write("/var/lib/state/nginx", "iF ");
    expect((await packages.read(nginx)).reported).toMatchObject({ installed: false });
    expect((await packages.make(nginx, nginx)).reported).toMatchObject({ installed: true });
  });
});

onHosts("a package, by dnf", () => {
  const packages = resources("Package");
  beforeEach(() => {
    packages.host.write("/etc/os-release", 'ID="rocky"\nID_LIKE="rhel centos fedora"\n');
    packages.host.write("/srv/repository/nginx", "1.20.1");
  });

  test("is installed, and goes where that was asked for", async () => {
    const nginx = { package: "nginx", version: "1.20.1", removeOnDelete: true };
    expect((await packages.make(nginx)).reported).toMatchObject({ installed: true, version: "1.20.1" });
    expect(packages.host.calls()).toContain("dnf -q -y --setopt=install_weak_deps=False install nginx-1.20.1");
    packages.host.write("/var/lib/needed/nginx", "");
    await expect(packages.drop(nginx)).rejects.toThrow("Other packages need nginx by now");
    packages.host.remove("/var/lib/needed");
    await packages.drop(nginx);
    expect(packages.host.has("/var/lib/packages/nginx")).toBe(false);
  });

  test("a name that no repository has", async () => {
    const { failure } = await packages.make({ package: "ldirectord" });
    expect(failure?.message).toMatch(
      /exit 1: Error: Unable to find a match: ldirectord\. Is ldirectord spelled .*EPEL/,
    );
  });

  test("by a name that another package provides, it is installed, and goes", async () => {
    packages.host.write("/srv/repository/vim-enhanced", "9.0");
    packages.host.write("/srv/provides/vim", "vim-enhanced");
    const vim = { package: "vim", version: "9.0", removeOnDelete: true };
    expect((await packages.make({ package: "vim" })).failure).toBeUndefined();
    expect((await packages.read(vim)).reported).toMatchObject({ installed: true, version: "9.0" });
    await packages.drop(vim);
    expect(packages.host.has("/var/lib/packages/vim-enhanced")).toBe(false);
  });

  test("a file that is fetched with a key in its URL: no message has the key", async () => {
    const file = "https://packages.example/nginx.rpm?token=hush1#hush2";
    packages.host.write("/usr/local/sbin/dnf", '#!/bin/sh\necho "cannot download $*: 404" >&2; exit 1\n');
    const { failure } = await packages.make({ package: "nginx", file }).catch((error) => ({ failure: error }));
    expect(failure?.message).toContain(
      "cannot download -q -y --setopt=install_weak_deps=False install https://packages.example/nginx.rpm?… 404",
    );
    expect(failure?.message).toContain("Is https://packages.example/nginx.rpm?… there");
    expect(failure?.message).not.toContain("hush");
  });
});
