import type { Command, Reply } from "../../provider/host/command";

interface FakeService {
  scheduler: string;
  persistence: { timeout: string; mask: string } | undefined;
  engine: string | undefined;
  onePacket: boolean;
  flags: string[];
  destinations: Map<string, FakeDestination>;
}

interface FakeDestination {
  forward: string;
  weight: string;
  upper: string;
  lower: string;
  tunnel: string;
  active: number;
}

const PROTOCOLS: Readonly<Record<string, string>> = { "-t": "TCP", "-u": "UDP", "--sctp-service": "SCTP", "-f": "FWM" };
const FORWARDS: Readonly<Record<string, string>> = { "-m": "Masq", "-g": "Route", "-i": "Tunnel" };
const FLAG_ORDER = ["sh-fallback", "mh-fallback", "flag-1", "sh-port", "mh-port", "flag-2", "flag-3"];

/** A mark as ipvsadm prints it, with %d: the upper half of the range is negative. */
const signed = (mark: string) => new Int32Array([Number(mark)]).join();
const printed = (match: string) => match.replace(/(?<=^-f )\d+/, signed);

/**
 * The kernel's table as ipvsadm 1.31 shows and changes it, with its surprises:
 * - an option that an edit leaves out goes back to its default;
 * - -Sn leaves out thresholds and single-client masks;
 * - direct routing and tunnels take the service's port;
 * - an address of the director's own is shown as Local, and saved as -g;
 * - a line that the kernel refuses is lost without a message.
 */
export class FakeIpvs {
  readonly services = new Map<string, FakeService>();
  /** The kernel switches that are on. */
  readonly switches = new Set<string>();
  constructor(readonly localAddresses: ReadonlySet<string> = new Set()) {}

  /** Answers the commands by which a kind looks and acts. Other commands succeed and print nothing. */
  run({ argv, stdin }: Command): Reply {
    const words = argv[0] === "sh" ? argv.slice(4) : argv.slice(1);
    const stdout = (text: string): Reply => ({ exit: 0, stdout: text, stderr: "" });
    if (argv[0] === "sh" && !argv[2]?.includes("ipvsadm")) return stdout(this.switched(argv[2] ?? "", words[0] ?? ""));
    if (words[0] === "-R" || argv[2]?.endsWith("ipvsadm -R")) {
      for (const line of String(stdin).split("\n")) this.line(line);
      return stdout("");
    }
    if (words[0] === "-Sn") return stdout(this.saved());
    const thresholds = words[1] === "--thresholds";
    return this.listing(words.slice(thresholds ? 2 : 1).join(" "), thresholds);
  }

  /** Turns a switch on or back, or prints those that are on. */
  private switched(script: string, key: string): string {
    if (key.startsWith("net.ipv4.vs.")) this.switches[script.includes("echo 1 >") ? "add" : "delete"](key);
    return script.includes("/borrowed") ? [...this.switches].join("\n") : "";
  }

  saved(): string {
    const lines = [...this.services].flatMap(([match, service]) => [
      [
        `-A ${printed(match)} -s ${service.scheduler}`,
        service.persistence && `-p ${service.persistence.timeout}`,
        service.persistence &&
          !/^(255\.255\.255\.255|128)$/.test(service.persistence.mask) &&
          `-M ${service.persistence.mask}`,
        service.engine && `--pe ${service.engine}`,
        service.onePacket && "-o",
        service.flags.length > 0 && `-b ${service.flags.join(",")}`,
      ]
        .filter(Boolean)
        .join(" "),
      ...[...service.destinations].map(([key, to]) => {
        const letter = Object.entries(FORWARDS).find(([, name]) => name === to.forward)?.[0] ?? "-g";
        return `-a ${printed(match)} -r ${key} ${letter} -w ${to.weight}${letter === "-i" ? to.tunnel : ""}`;
      }),
    ]);
    return lines.map((line) => `${line}\n`).join("");
  }

  listing(match: string, thresholds: boolean): Reply {
    const service = this.services.get(match);
    if (!service) return { exit: 255, stdout: "", stderr: "No such service\n" };
    const [letter = "", at = "", six] = match.split(" ");
    const name = `${(PROTOCOLS[letter] as string).padEnd(4)} ${letter === "-f" ? signed(at) : at}${six ? " IPv6" : ""}`;
    const persistent = service.persistence ? ` persistent ${service.persistence.timeout}` : "";
    const flags = service.flags.length > 0 ? ` (${service.flags.join(",")})` : "";
    const rows = [...service.destinations].map(([key, to]) => {
      const columns = thresholds ? [to.upper, to.lower] : [to.forward.padEnd(7), to.weight];
      return `  -> ${key.padEnd(28)} ${columns.map((word) => word.padEnd(10)).join(" ")} ${to.active} 0`;
    });
    const stdout = ["IP Virtual Server version 1.2.1 (size=4096)", "Prot LocalAddress:Port Scheduler Flags"]
      .concat(["  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn"])
      .concat([`${name} ${service.scheduler}${flags}${persistent}`], rows);
    return { exit: 0, stdout: `${stdout.join("\n")}\n`, stderr: "" };
  }

  private line(text: string): void {
    const words = text.trim().split(/\s+/);
    const value = (option: string) => (words.includes(option) ? words[words.indexOf(option) + 1] : undefined);
    const [command, letter, at] = words;
    const match = `${letter} ${at}${words[3] === "-6" ? " -6" : ""}`;
    const service = this.services.get(match);
    if (command === "-D") this.services.delete(match);
    else if (command === "-A" ? !service : command === "-E" && service) this.service(match, value, words, service);
    else if (!service) return;
    else if (command === "-d") service.destinations.delete(value("-r") as string);
    else this.destination(command as string, match, service, words, value);
  }

  private service(
    match: string,
    value: (option: string) => string | undefined,
    words: readonly string[],
    before: FakeService | undefined,
  ): void {
    const six = match.includes("[") || match.endsWith("-6");
    const timeout = value("-p");
    if (match.endsWith(":0") && !timeout) return;
    this.services.set(match, {
      scheduler: value("-s") ?? "wlc",
      persistence: timeout ? { timeout, mask: value("-M") ?? (six ? "128" : "255.255.255.255") } : undefined,
      engine: value("--pe"),
      onePacket: words.includes("-o"),
      flags: FLAG_ORDER.filter((flag) => value("-b")?.split(",").includes(flag)),
      destinations: before?.destinations ?? new Map(),
    });
  }

  private destination(
    command: string,
    match: string,
    service: FakeService,
    words: readonly string[],
    value: (option: string) => string | undefined,
  ): void {
    const letter = words.find((word) => word in FORWARDS) ?? "-g";
    const asked = value("-r") as string;
    const address = asked.replace(/:\d+$/, "");
    const mark = match.startsWith("-f");
    const key = letter === "-m" || mark ? asked : `${address}:${/\d+$/.exec(match)?.[0]}`;
    if (command === "-a" ? service.destinations.has(key) : !service.destinations.has(key)) return;
    const [upper, lower] = [value("-x") ?? "0", value("-y") ?? "0"];
    const six = match.includes("[") || match.endsWith("-6");
    if (Number(lower) > Number(upper) || (letter !== "-i" && address.includes("[") !== six)) return;
    const type = value("--tun-type") ?? "ipip";
    const sum = words.find((word) => /^--tun-.*csum$/.test(word)) ?? "--tun-nocsum";
    if (type === "gue" && !value("--tun-port")) return;
    const tunnel = { ipip: "", gue: ` --tun-port ${value("--tun-port")} ${sum}`, gre: ` ${sum}` }[type];
    service.destinations.set(key, {
      forward: this.localAddresses.has(address) ? "Local" : (FORWARDS[letter] as string),
      weight: value("-w") ?? "1",
      upper,
      lower,
      tunnel: ` --tun-type ${type}${tunnel}`,
      active: service.destinations.get(key)?.active ?? 0,
    });
  }
}
