import { spawn } from "node:child_process";
import { type Command, type Reply, type Session, sh } from "../../host/command";
import { LvsError } from "../../host/errors";
import { withSession } from "../../host/pool";
import { arpAnswers, judgeArp } from "./arp";
import type { ArpExpectation, TrafficInputs } from "./inputs";

/** The number of ARP requests. */
const PROBES = 3;

/** Seconds after which arping ends, also if answers are missing. */
const DEADLINE = 5;

const NO_ARPING = 127;
const OTHER_ARPING = 126;

/** `-b` makes every request a broadcast. Without `-b`, arping asks only the first neighbour that answered (arping(8)). */
const SCRIPT = `PATH=$PATH:/usr/sbin:/sbin; export PATH LC_ALL=C
  command -v arping >/dev/null || exit ${NO_ARPING}
  case $(arping -V 2>&1) in *iputils*) ;; *) exit ${OTHER_ARPING};; esac
  exec arping -b -c ${PROBES} -w ${DEADLINE} -I "$1" "$2" 2>&1`;

/** Asks in the sender's network who has the address. The error names the hardware addresses that answered. */
export async function checkArp({ host }: TrafficInputs, expect: ArpExpectation): Promise<void> {
  const { address, device, director, directorDevice } = expect;
  const mac = await withSession(director, (session) => hardwareAddress(session, directorDevice));
  const where = host ? `host ${host.name}` : "where Pulumi runs";
  const probe = sh(SCRIPT, device, address);
  const reply = host ? await withSession(host, (session) => look(session, probe)) : await here(probe);
  const wrong = judgeArp(answersOf(reply, where, expect), { name: director.name, mac });
  if (wrong) throw new LvsError(`ARP for ${address} on ${device} (${where}): ${wrong}`);
}

async function hardwareAddress(session: Session, device: string): Promise<string> {
  const { exit, stdout } = await look(session, { argv: ["cat", `/sys/class/net/${device}/address`] });
  if (exit === 0 && stdout.trim()) return stdout.trim().toLowerCase();
  throw new LvsError(
    `host ${session.name}: it has no interface ${device} (expect.arp.directorDevice), so its hardware address is not known: ` +
      "name the interface of the director that has the address (ip link)",
  );
}

async function look(session: Session, command: Command): Promise<Reply> {
  const [reply] = (await session.run({ looks: [command] })).looks;
  return reply ?? { exit: undefined, stdout: "", stderr: "" };
}

/** Runs a command on the machine where Pulumi runs. */
function here({ argv: [program = "", ...args] }: Command): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: process.env, stdio: ["ignore", "pipe", "ignore"] });
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (some: string) => {
      stdout += some;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ exit: code ?? undefined, stdout, stderr: "" }));
  });
}

/** The hardware addresses that answered. arping exits with 0 after an answer, and with 1 if there was none. */
function answersOf({ exit, stdout }: Reply, where: string, { address, device }: ArpExpectation): string[] {
  const cannot = (why: string) => new LvsError(`ARP for ${address} on ${device} (${where}): ${why}`);
  if (exit === NO_ARPING)
    throw cannot(
      "there is no arping to ask with. Install it: iputils-arping on Debian and Ubuntu, iputils where packages come by dnf",
    );
  if (exit === OTHER_ARPING)
    throw cannot(
      "the arping there is not that of iputils, whose answers are understood here. Install iputils-arping in its place",
    );
  const answers = exit === 0 || exit === 1 ? arpAnswers(stdout, address) : undefined;
  if (answers) return answers;
  throw cannot(
    `arping failed: exit ${exit}: ${stdout.trim().replace(/\.$/, "") || "it said nothing"}. ` +
      "Does the interface have that name and an address there, and may the user send ARP (root, or CAP_NET_RAW)?",
  );
}
