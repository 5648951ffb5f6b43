import { arpAnswers, judgeArp } from "../../../provider/workflows/traffic-check/arp";

const VIP = "172.17.111.111";
const [OURS, OTHER] = ["52:54:00:00:00:0a", "52:54:00:00:00:0b"];

/** The output format of arping of iputils 20221126. */
const printed = (...lines: string[]) =>
  [
    `ARPING ${VIP} from 172.17.111.1 lan`,
    ...lines,
    "Sent 3 probes (3 broadcast(s))",
    `Received ${lines.length} response(s)`,
    "",
  ].join("\n");
const answer = (mac: string, from = VIP) => `Unicast reply from ${from} [${mac.toUpperCase()}]  0.552ms`;

test.each([
  ["one", printed(answer(OURS), answer(OURS), answer(OURS)), [OURS]],
  ["two", printed(answer(OTHER), answer(OURS), answer(OURS)), [OURS, OTHER]],
  ["a broadcast one", printed(`Broadcast reply from ${VIP} [${OURS.toUpperCase()}]  1.2ms`), [OURS]],
  ["none", printed(), []],
  ["with a remark behind", printed(answer(OURS)).replace("response(s)", "response(s) (1 broadcast(s))"), [OURS]],
])("hardware addresses that answered: %s", (_, said, macs) => {
  expect(arpAnswers(said, VIP)).toEqual(macs);
});

test.each([
  ["Habets' arping", `ARPING ${VIP}\n60 bytes from ${OURS} (${VIP}): index=0 time=8.014 usec\n`],
  ["an answer that is cut", printed(answer(OURS), "Unicast reply from 172.17.111.111 [52:54:00")],
  ["more answers counted than printed", printed(answer(OURS)).replace("Received 1", "Received 2")],
  ["another address", printed(answer(OURS, "172.17.111.112"))],
  ["nothing", ""],
])("is not what iputils prints: %s", (_, said) => {
  expect(arpAnswers(said, VIP)).toBeUndefined();
});

const director = { name: "director", mac: OURS };

test("the director alone is as it should be", () => {
  expect(judgeArp([OURS], director)).toBeUndefined();
});

test.each([
  [[OURS, OTHER], `${OURS} and ${OTHER} answered, and the director's (host director) is ${OURS}: ${OTHER} must not`],
  [[OTHER], `${OTHER} answered, and the director's (host director) is ${OURS}: ${OTHER} must not answer.`],
])("%j: names who answered, and what to look at", (answers, text) => {
  expect(judgeArp(answers, director)).toContain(text);
  expect(judgeArp(answers, director)).toContain("arp_ignore=1 and arp_announce=2");
});

test("nobody", () => {
  expect(judgeArp([], director)).toMatch(/^nobody answered, .*same network\?$/);
});
