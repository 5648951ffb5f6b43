import { renderLdirectord } from "../../sdk/ldirectord/config";
import { ldirectordProblems } from "../../sdk/ldirectord/problems";
import { judgedByLdirectord, withLdirectord } from "../ldirectord";
import { everything } from "./ldirectord-sample";

const text = renderLdirectord(everything);
const block = (key: string) =>
  text
    .split("\n\n")
    .find((part) => part.startsWith(`${key}\n`))
    ?.trimEnd()
    .split("\n");

test("the tutorial's configuration", () => {
  const real = { forwarding: "dr", weight: 2 } as const;
  const virtuals = {
    "172.17.111.111:80": {
      real: { "172.17.111.234:80": real, "172.17.111.222:80": real },
      request: "ok.html",
      receive: "OK",
    },
  };
  expect(renderLdirectord({ globals: {}, virtuals })).toBe(`# Written by pulumi-lvs: changes by hand are put back.
checktimeout=5
negotiatetimeout=5
checkinterval=10
failurecount=1
quiescent=no
cleanstop=no
readdquiescent=yes
fork=no
autoreload=no

virtual=172.17.111.111:80
    real=172.17.111.234:80 gate 2
    real=172.17.111.222:80 gate 2
    protocol=tcp
    scheduler=wrr
    checktype=negotiate
    request="ok.html"
    receive="OK"
`);
});

test("a weight of 0 is one: the real server gets no client. Without a weight it has 1", () => {
  const real = {
    "172.17.111.222:80": { forwarding: "nat", weight: 0 },
    "172.17.111.234:80": { forwarding: "tun" },
  } as const;
  expect(renderLdirectord({ globals: {}, virtuals: { "172.17.111.111:80": { real } } })).toContain(
    "    real=172.17.111.222:80 masq 0\n    real=172.17.111.234:80 ipip 1\n",
  );
});

test("every option of a service has its line", () => {
  expect(block("virtual=172.17.111.111:80")?.slice(4)).toEqual([
    "    protocol=tcp",
    "    scheduler=sh",
    "    schedflags=sh-port,sh-fallback",
    "    persistent=600",
    "    netmask=255.255.255.0",
    "    checktype=negotiate",
    "    checkport=8080",
    '    request="ok.html"',
    '    receive="a "quoted" OK"',
    "    httpmethod=GET",
    '    virtualhost="www.example.com"',
    "    checktimeout=1",
    "    negotiatetimeout=2",
    "    checkinterval=7",
    "    failurecount=1",
    "    quiescent=no",
    "    cleanstop=no",
    "    emailalert=one@example.com",
    "    emailalertfreq=0",
    "    emailalertstatus=all",
    "    smtp=10.0.0.25",
    "    fallback=127.0.0.1 gate",
    '    fallbackcommand="/bin/echo this one"',
    '    monitorfile="/tmp/ldirectord-monitor.log"',
    "    servicename=the shop",
    "    comment=called by night",
  ]);
  expect(block("virtual=172.17.111.111:3306")?.slice(4)).toEqual([
    "    checktype=3",
    '    request="SELECT 1"',
    '    login="lvs"',
    '    passwd="p a=s\'s"',
    '    database="shop"',
  ]);
  expect(block("virtual=172.17.111.111:53")).toEqual(expect.arrayContaining(["    protocol=udp", "    ops=yes"]));
  expect(block("virtual=172.17.111.111:1812")).toContain('    secret="radius"');
  expect(block("virtual=172.17.111.111:9")).toContain('    checkcommand="/usr/local/sbin/check"');
  expect(block("virtual=99")).toContain("    service=https");
});

test("a real server's own question and answer are a pair; one alone takes the other from its service", () => {
  expect(block("virtual=172.17.111.111:80")).toEqual(
    expect.arrayContaining([
      "    real=172.17.111.222:80 gate 2",
      '    real=172.17.111.234:80 ipip 1 "own.html", "O[K]" l:5 u:10',
    ]),
  );
  const virtuals = {
    "10.0.0.1:80": { real: { "10.0.0.2:80": { forwarding: "nat", receive: "A" } }, request: "ok" },
  } as const;
  expect(renderLdirectord({ globals: {}, virtuals })).toContain('real=10.0.0.2:80 masq 1 "ok", "A"\n');
});

test("marks and IPv6", () => {
  expect(block("virtual=99")?.slice(1, 5)).toEqual([
    "    real=172.17.111.222:80 gate 1",
    "    real=172.17.111.234:0 gate 1",
    "    protocol=fwm",
    "    scheduler=wrr",
  ]);
  expect(block("virtual6=[2001:db8::1]:80")).toContain("    real6=[2001:db8::2]:80 ipip 1");
  expect(block("virtual6=99")).toContain("    fallback6=[::1] gate");
});

const judge = (content: string) => judgedByLdirectord([content])[0];

describe("ldirectord's own parser", () => {
  withLdirectord("takes every option, without a warning", () => {
    expect(judge(text)).toEqual({
      exit: 3,
      said: expect.stringMatching(/^ldirectord is stopped for \S+\n$/),
    });
  });

  withLdirectord.each(Object.keys(everything.virtuals))("takes %s alone", (key) => {
    const virtuals = { [key]: everything.virtuals[key] as (typeof everything.virtuals)[string] };
    expect(judge(renderLdirectord({ globals: {}, virtuals }))?.exit).toBe(3);
  });

  withLdirectord("names the line of a mistake", () => {
    expect(judge(text.replace("scheduler=sh", "scheduler=7"))).toEqual({
      exit: 2,
      said: expect.stringMatching(/at line \d+: invalid scheduler/),
    });
  });
});

test("there is nothing wrong with it", () => {
  expect(ldirectordProblems(everything)).toEqual([]);
});
