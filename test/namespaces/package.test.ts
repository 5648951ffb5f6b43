import type { Host } from "./host";
import { declare, Resource, Site } from "./site";

const site = new Site();
let server: Host;

// Packages are really built, indexed and installed. Debian has dnf, rpm and createrepo_c. A host counts as one of the
// other family because of its os-release, and because it has neither dpkg nor apt.
beforeAll(async () => {
  const lan = await site.network("10.77.6.1/24");
  server = await site.host("server", { eth0: [lan, "10.77.6.2/24"] });
  await server.run(`set -e
    rm -f /etc/os-release /usr/bin/apt* /usr/bin/dpkg*; rm -rf /var/lib/rpm /var/cache/dnf /etc/yum.repos.d /root/.rpmdb
    printf 'NAME="Rocky Linux"\\nID="rocky"\\nID_LIKE="rhel centos fedora"\\n' >/etc/os-release
    mkdir -p /srv/packages /etc/yum.repos.d /etc/rpm /tmp/build; cd /tmp/build
    echo '%_dbpath /var/lib/rpm' >/etc/rpm/macros.test
    for release in "hello-site 1.0 1" "hello-site 1.1 2" "other-site 2.0 1"; do
      set -- $release
      cat >$1.spec <<END
Name: $1
Version: $2
Release: $3
Summary: A package of a test
License: Apache-2.0
BuildArch: noarch
%description
A package of a test
%install
mkdir -p %{buildroot}/usr/share/$1
echo $2 >%{buildroot}/usr/share/$1/version
%files
/usr/share/$1
END
      rpmbuild --quiet --define "_topdir /tmp/build" --define "_rpmdir /srv/packages" -bb $1.spec >/tmp/build/log 2>&1 || { cat /tmp/build/log; exit 1; }
    done
    createrepo_c -q /srv/packages
    printf '[site]\\nname=site\\nbaseurl=file:///srv/packages\\ngpgcheck=0\\n' >/etc/yum.repos.d/site.repo
    rpm --initdb`);
});
afterAll(() => site.close());

const pack = (more: object) => new Resource("Package", { host: declare(server, "10.77.6.2"), ...more });
const installed = () => server.run("rpm -qa | grep -e -site | sort || :").then((text) => text.trim());

test("the newest version comes by dnf, and stays after the delete", async () => {
  const hello = pack({ package: "hello-site" });
  await hello.create();
  expect(await installed()).toBe("hello-site-1.1-2.noarch");
  expect(await server.run("cat /usr/share/hello-site/version")).toBe("1.1\n");
  expect(await hello.read()).toBe(true);
  expect(await hello.differences()).toEqual([]);
  await hello.delete();
  expect(await installed()).toBe("hello-site-1.1-2.noarch");
  expect(await server.run("ls /var/lib/lvs 2>&1 || :")).toContain("No such file");
  await server.run("rpm -e hello-site");
});

test("a package that was removed by hand shows, and comes back", async () => {
  const hello = pack({ package: "hello-site", removeOnDelete: true });
  await hello.create();
  await server.run("rpm -e hello-site");
  await hello.read();
  expect(await hello.differences()).toEqual(["installed"]);
  await hello.update();
  expect(await installed()).toBe("hello-site-1.1-2.noarch");
  await hello.delete();
  expect(await installed()).toBe("");
});

test("a version is held to, up and down", async () => {
  const hello = pack({ package: "hello-site", version: "1.0-1", removeOnDelete: true });
  await hello.create();
  expect(await installed()).toBe("hello-site-1.0-1.noarch");
  for (const version of ["1.1-2", "1.0-1"]) {
    await hello.update({ ...hello.inputs, version });
    expect(await installed()).toBe(`hello-site-${version}.noarch`);
  }
  await hello.delete();
  expect(await installed()).toBe("");
});

test("a package that was installed before is adopted, and stays although removal was asked for", async () => {
  await server.run("dnf -q -y install other-site");
  const other = pack({ package: "other-site", removeOnDelete: true });
  await other.create();
  await other.delete();
  expect(await installed()).toBe("other-site-2.0-1.noarch");
});

test("several packages of one host come one after the other", async () => {
  await server.run("rpm -e other-site");
  const both = ["hello-site", "other-site"].map((name) => pack({ package: name, removeOnDelete: true }));
  await Promise.all(both.map((each) => each.create()));
  expect(await installed()).toBe("hello-site-1.1-2.noarch\nother-site-2.0-1.noarch");
  await Promise.all(both.map((each) => each.delete()));
  expect(await installed()).toBe("");
});

test("a file is installed where no repository has the package, with what it depends on from them", async () => {
  await server.run("mv /srv/packages/noarch/hello-site-1.0-1.noarch.rpm /root/ && createrepo_c -q /srv/packages");
  const file = "/root/hello-site-1.0-1.noarch.rpm";
  const hello = pack({ package: "hello-site", file, removeOnDelete: true });
  await hello.create();
  expect(await installed()).toBe("hello-site-1.0-1.noarch");
  expect(await hello.read()).toBe(true);
  expect(await hello.differences()).toEqual([]);
  await hello.delete();
  expect(await installed()).toBe("");
  const missing = pack({ package: "hello-site", file: "/root/nothing.rpm" });
  await expect(missing.create()).rejects.toThrow(/from \/root\/nothing.rpm: .*Is \/root\/nothing.rpm there/s);
});

test("a package that no repository has is an error with the cure", async () => {
  const unknown = pack({ package: "nobody-has-this" });
  await expect(unknown.create()).rejects.toThrow(
    /installing the package nobody-has-this: .*Is nobody-has-this spelled as/s,
  );
});
