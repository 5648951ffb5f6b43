import { type LabStack, must } from "./stack";

/** Experiment 2, on bare machines. */
export function directRouting(lan: LabStack): void {
  it("makes the tutorial's site of direct routing, with requests alternating", async () => {
    await must(["start", "dr", "--stack", lan.name]);
    expect(await lan.table()).toEqual([
      `-A -t ${lan.vip}:80 -s wrr`,
      `-a -t ${lan.vip}:80 -r 172.17.111.222:80 -g -w 1`,
      `-a -t ${lan.vip}:80 -r 172.17.111.234:80 -g -w 1`,
    ]);
    await lan.answersAlternate();
    expect(await lan.on("director", "ip -o addr show label eth0:0")).toMatch(
      /172\.17\.111\.111\/32 brd 172\.17\.111\.111/,
    );
    expect(await lan.on("rs1", "ip -o addr show label lo:0")).toMatch(/172\.17\.111\.111\/32 brd 172\.17\.111\.111/);
    await lan.pulumi("preview", "--expect-no-changes");
  });
}
