import { DrCluster } from "pulumi-lvs";
import { declaredHost } from "../../provider/host/declared";
import { withSession } from "../../provider/host/pool";
import { editingWhatIsThere } from "../../provider/ipvs/ipvsadm";
import { Stack } from "./engine";
import { type KernelHost, SharedKernel } from "./kernel";
import { download, failuresUnder } from "./load";
import { printedBy, untilPrinted } from "./printed";
import { ask, declared, ONE_LAN, serve, table } from "./site";

jest.setTimeout(300_000);

const VIP = "10.0.0.9";
const RIP = { rs1: "10.0.0.11", rs2: "10.0.0.12" };
type Server = keyof typeof RIP;
const other = (server: Server): Server => (server === "rs1" ? "rs2" : "rs1");

const stack = new Stack();
let kernel: SharedKernel;
let hosts: Record<"director" | "client" | Server, KernelHost>;

beforeAll(async () => {
  kernel = await SharedKernel.boot("bookworm");
  hosts = await kernel.hosts({
    ...ONE_LAN,
    client: { eth0: ["lan", "10.0.0.21/24"] },
  });
  await serve(hosts.rs1);
  await serve(hosts.rs2);
  await stack.up(site());
});
afterAll(() => kernel?.end());

type Declared = Partial<Omit<ConstructorParameters<typeof DrCluster>[1], "realServers">> & {
  servers?: Server[];
  weights?: Partial<Record<Server, number>>;
};

function site({ servers = ["rs1", "rs2"], weights = {}, ...args }: Declared = {}) {
  return () => {
    const realServers = servers.map((name) => ({
      host: declared(hosts[name]),
      address: RIP[name],
      weight: weights[name] ?? 1,
    }));
    new DrCluster("dr", { director: declared(hosts.director), vip: VIP, realServers, ...args });
  };
}

const destination = (server: Server, weight = 1) => `-a -t ${VIP}:80 -r ${RIP[server]}:80 -g -w ${weight}`;
const BOTH = [`-A -t ${VIP}:80 -s wrr`, destination("rs1"), destination("rs2")];
const begin = () => download(hosts.client, `http://${VIP}/slow`);

/** Requests from one source port. The server ends each connection first, so the client may use the port again at once. */
const askByOnePort = (times: number) =>
  hosts.client.run(
    `for i in $(seq ${times}); do
       curl -sS --ignore-content-length --local-port 39999 --max-time 20 -H 'Connection: close' http://${VIP}/; done`,
  );

test("a real server leaves when the download that runs through it has ended", async () => {
  const running = await begin();
  const leaving = running.server as Server;
  const staying = other(leaving);
  // The server of a port stays the same while the kernel remembers the port's connection.
  await hosts.director.run(`ipvsadm -e -t ${VIP}:80 -r ${RIP[staying]}:80 -g -w 0`);
  expect(await askByOnePort(2)).toBe(`${leaving}\n`.repeat(2));
  await hosts.director.run(`ipvsadm -e -t ${VIP}:80 -r ${RIP[staying]}:80 -g -w 1`);
  let how = "";
  const lines = await printedBy(async () => {
    const leave = stack.up(site({ servers: [staying] }));
    await untilPrinted("1 connection is open", leave);
    expect(await table(hosts.director)).toEqual([BOTH[0], ...[destination(leaving, 0), destination(staying)].sort()]);
    expect(await ask(hosts.client, `http://${VIP}/`, 3)).toEqual([staying, staying, staying]);
    expect(await askByOnePort(2)).toBe(`${staying}\n`.repeat(2));
    how = await running.finish();
    await leave;
  });
  expect(how).toBe("200 9000000 0");
  expect(lines.filter((line) => line.includes("draining"))).toEqual([
    `host director: virtual service -t ${VIP}:80: draining ${RIP[leaving]}:80: 1 connection is open`,
  ]);
  expect(await table(hosts.director)).toEqual([BOTH[0], destination(staying)]);
  expect(await ask(hosts.client, `http://${VIP}/`, 2)).toEqual([staying, staying]);
  await stack.up(site());
  expect(await table(hosts.director)).toEqual(BOTH);
});

describe("under load by a few source ports no request fails while", () => {
  const mark = ["-A -f 99 -s wrr", `-a -f 99 -r ${RIP.rs1}:0 -g -w 1`, `-a -f 99 -r ${RIP.rs2}:0 -g -w 1`];

  test.each<[string, Declared, string[]]>([
    ["a real server leaves", { servers: ["rs1"] }, [BOTH[0] as string, destination("rs1")]],
    ["it comes back", {}, BOTH],
    ["a weight changes", { weights: { rs2: 3 } }, [BOTH[0] as string, destination("rs1"), destination("rs2", 3)]],
    ["the service of a port becomes one of a mark", { ports: [80, 443] }, mark],
    ["it becomes one of the port again", {}, BOTH],
  ])("%s", async (_, args, lines) => {
    expect(await failuresUnder(hosts.client, `http://${VIP}/`, () => stack.up(site(args)))).toEqual([]);
    expect(await table(hosts.director)).toEqual(lines);
    expect(await stack.preview(site(args))).toEqual([]);
  });
});

describe("a download that does not end in time", () => {
  test("the real server stays, and its weight is put back", async () => {
    const running = await begin();
    const leaving = running.server as Server;
    const leave = site({ servers: [other(leaving)], drain: { timeout: 1 } });
    const lines = await printedBy(async () => {
      await expect(stack.up(leave)).rejects.toThrow(`draining ${RIP[leaving]}:80: 1 connection is open, after 1 s`);
    });
    expect(lines.filter((line) => line.includes("draining"))).toHaveLength(1);
    expect(await table(hosts.director)).toEqual(BOTH);
    expect((await ask(hosts.client, `http://${VIP}/`, 2)).sort()).toEqual(["rs1", "rs2"]);
    expect(await running.finish()).toBe("200 9000000 0");
  });

  test('the download is cut, where the site says "cut"', async () => {
    const running = await begin();
    const staying = other(running.server as Server);
    await printedBy(() => stack.up(site({ servers: [staying], drain: { timeout: 1, onTimeout: "cut" } })));
    expect(await table(hosts.director)).toEqual([BOTH[0], destination(staying)]);
    // curl's exit status 56: the connection was reset.
    expect(await running.finish()).toMatch(/^200 [1-8]\d{0,6} 56$/);
    expect(await ask(hosts.client, `http://${VIP}/`, 2)).toEqual([staying, staying]);
  });
});

test("what has gone meanwhile is no fault of a drain, and any other refusal is", async () => {
  const gone = ["-e -t 10.0.0.9:80 -r 10.0.0.99:80 -g -w 0", "-d -t 10.0.0.9:80 -r 10.0.0.99:80"];
  const without = [
    "-e -t 10.0.0.77:80 -r 10.0.0.11:80 -g -w 0",
    "-d -t 10.0.0.77:80 -r 10.0.0.11:80",
    "-D -t 10.0.0.77:80",
  ];
  const before = await table(hosts.director);
  const director = declaredHost.parse(hosts.director.declare());
  const exits = await withSession(director, async (session) => {
    // A step that fails ends its trip.
    const each = [...gone, ...without, `-A -t ${VIP}:80 -s rr`].map((line) => editingWhatIsThere([line]));
    return (await session.run({ steps: each })).steps.map(({ exit, stderr }) => [exit, stderr.trim()]);
  });
  expect(exits).toEqual([...[...gone, ...without].map(() => [0, ""]), [1, "Service already exists"]]);
  expect(await table(hosts.director)).toEqual(before);
});
