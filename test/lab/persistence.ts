import { type LabStack, must } from "./stack";

const PERSISTENCE = [
  "-A -f 99 -s rr -p 10",
  "-a -f 99 -r 172.17.111.222:0 -g -w 1",
  "-a -f 99 -r 172.17.111.234:0 -g -w 1",
];

/** Client 2's persistence template in the director's table. */
const idle = /172\.17\.111\.202:0 /;

/** Experiment 3, after experiment 2. */
export function persistence(lan: LabStack): void {
  it("becomes one persistent service for http and https without losing a request", async () => {
    await lan.configure("timeout", "10");
    const codes = await lan.underLoad(() => must(["start", "persistence", "--stack", lan.name]));
    expect(codes.length).toBeGreaterThan(10);
    expect(codes.filter((code) => code !== "200")).toEqual([]);
    expect(await lan.table()).toEqual(PERSISTENCE);
    // The lab's own namespace (0) is a client as well. Round robin sends at least one of three clients to another
    // server.
    const chosen = new Set<string | undefined>();
    for (const client of [0, 1, 2]) {
      const answers = [...(await lan.backends(4, client)), ...(await lan.backends(4, client, "https"))];
      expect(new Set(answers).size).toBe(1);
      chosen.add(answers[0]);
    }
    expect(chosen).toEqual(new Set(["rs1", "rs2"]));
    expect(await lan.on("director", "ipvsadm -Lcn")).toMatch(idle);
    await lan.pulumi("preview", "--expect-no-changes");
  });
}
