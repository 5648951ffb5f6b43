import { type Match, matchKey, schedulers } from "pulumi-lvs-provider/model";
import { parseTable, spelled, type Table } from "pulumi-lvs-provider/operations";
import { type IpvsadmLine, readIpvsadmLine, Unfit } from "./ipvsadm-line";
import { type Names, Refused } from "./refused";

/** What saved rules bring back at boot. */
export interface SavedRules {
  readonly table: Table;
  /** The line of each service, by its key in the table. */
  readonly lines: Readonly<Record<string, number>>;
  /** What ipvsadm does besides, and what it does not do, with the reason. */
  readonly told: readonly Refused[];
}

/**
 * Reads rules that `ipvsadm -S` saved, or that somebody wrote for `ipvsadm -R`: with names or with numbers, short options or long
 * ones. They say what a reboot brings back; what runs now, the kernel says.
 */
export function readSavedRules(text: string, names: Names, file = "ipvsadm.rules"): SavedRules {
  const restored = new Restored();
  const told: Refused[] = [];
  for (const [at, line] of text.split("\n").entries()) {
    const read = readIpvsadmLine(wordsOf(line), names);
    const why = read instanceof Unfit ? read : read && restored.take(read, at + 1);
    if (why instanceof Unfit)
      told.push(
        new Refused(
          file,
          at + 1,
          why.ends
            ? `${why.why}. ipvsadm ends there, and restores nothing of the lines after this one`
            : `${why.why}. ipvsadm passes over the line`,
        ),
      );
    else if (why !== undefined) told.push(new Refused(file, at + 1, why));
    if (why instanceof Unfit && why.ends) break;
  }
  return { ...restored.all(), told };
}

/** The words of a line. Its own name ipvsadm passes over, and knows no quotes; Debian's unit leaves out lines that begin with a #. */
function wordsOf(line: string): string[] {
  return line.startsWith("#") ? [] : line.split(/\s+/).filter((word) => word !== "" && word !== "ipvsadm");
}

interface Saved {
  readonly name: string;
  readonly line: number;
  readonly scheduling: readonly string[];
  /** The words of each real server, by its name. */
  readonly servers: Map<string, readonly string[]>;
}

/** Seconds that ipvsadm takes where a line says none. */
const PERSISTENT = "360";

const passes = (why: string) => new Unfit(why, false);

/** The kernel's table as the lines make it. What the kernel refuses, ipvsadm passes over. */
class Restored {
  readonly #services = new Map<string, Saved>();

  /** Does what a line says; or says why the kernel does not, or what the line does besides. */
  take(line: IpvsadmLine, at: number): Unfit | string | undefined {
    const { command, match, server } = line;
    if (command === "-C") this.#services.clear();
    if (command.startsWith("--"))
      return `ipvsadm's unit does this at boot as well (${command}): take it out once the program declares it`;
    if (!match || command === "-Z") return undefined;
    return server === undefined ? this.#service(line, match, at) : this.#server(line, match, server);
  }

  #service({ command, options }: IpvsadmLine, match: Match, at: number): Unfit | undefined {
    const key = matchKey(match);
    const there = this.#services.get(key);
    if (command === "-A" && there) return passes(`the service ${key} is there already`);
    if (command !== "-A" && !there) return passes(`the service ${key} is not there: no line before it adds it by -A`);
    if (command === "-D") {
      this.#services.delete(key);
      return undefined;
    }
    const scheduler = options.get("-s") ?? "wlc";
    if (!(schedulers as readonly string[]).includes(scheduler)) return passes(`IPVS has no scheduler "${scheduler}"`);
    const persistent = options.get("-p");
    const scheduling = ["-s", scheduler, ...(persistent === undefined ? [] : ["-p", persistent || PERSISTENT])];
    for (const name of ["-M", "-b", "--pe"]) scheduling.push(...given(options, name));
    if (options.has("-o")) scheduling.push("-o");
    this.#services.set(key, {
      ...{ name: spelled(match), scheduling },
      line: there?.line ?? at,
      servers: there?.servers ?? new Map(),
    });
    return undefined;
  }

  #server({ command, options }: IpvsadmLine, match: Match, server: string): Unfit | undefined {
    const name = spelled(match);
    const servers = this.#services.get(matchKey(match))?.servers;
    if (!servers) return passes(`the server ${server} has no service: no line before it adds ${name} by -A`);
    if (command === "-a" && servers.has(server)) return passes(`the server ${server} of ${name} is there already`);
    if (command !== "-a" && !servers.has(server)) return passes(`the server ${server} of ${name} is not there`);
    if (command === "-d") servers.delete(server);
    else servers.set(server, ["-r", server, ...forwarding(options), "-w", options.get("-w") ?? "1"]);
    return undefined;
  }

  all(): Pick<SavedRules, "table" | "lines"> {
    const saved = [...this.#services.values()].flatMap(({ name, scheduling, servers }) => [
      `-A ${name} ${scheduling.join(" ")}`,
      ...[...servers.values()].map((words) => `-a ${name} ${words.join(" ")}`),
    ]);
    return {
      table: parseTable({ saved: saved.join("\n"), listing: "", thresholds: "" }),
      lines: Object.fromEntries([...this.#services.values()].map(({ name, line }) => [name, line])),
    };
  }
}

function given(options: ReadonlyMap<string, string>, name: string): string[] {
  const value = options.get(name);
  return value === undefined ? [] : [name, value];
}

function forwarding(options: ReadonlyMap<string, string>): string[] {
  const way = ["-m", "-i"].find((one) => options.has(one)) ?? "-g";
  const checksums = ["--tun-nocsum", "--tun-csum", "--tun-remcsum"].filter((one) => options.has(one));
  return [way, ...given(options, "--tun-type"), ...given(options, "--tun-port"), ...checksums];
}
