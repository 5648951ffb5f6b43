import type { OperatorNote } from "../../model";

// Judges which director has the addresses that float, from what each of them shows.

export interface DirectorSeen {
  readonly name: string;
  /** Why the director could not be asked. What else is said of it is empty then. */
  readonly unreachable?: string | undefined;
  /** The addresses that it has, of those that float. */
  readonly has: readonly string[];
  /** What keepalived says: see `VrrpState`. */
  readonly state: string;
  readonly since?: string | undefined;
  /** An operator has given the director up. */
  readonly givenUp?: Partial<OperatorNote> | undefined;
}

export interface Judgement {
  readonly holder?: DirectorSeen;
  /** What is wrong, with the most likely cause. */
  readonly wrong?: string;
}

export function judgeHolders(addresses: readonly string[], directors: readonly DirectorSeen[]): Judgement {
  const asked = directors.filter(({ unreachable }) => unreachable === undefined);
  const holders = asked.filter(({ has }) => has.length > 0);
  const what = addresses.join(", ");
  const [holder] = holders;
  if (holders.length > 1) return { wrong: `${names(holders)} have ${what} at the same time: ${whySeveral(holders)}` };
  if (!holder) {
    const where = asked.length < directors.length ? "no director that answers" : "no director";
    return { wrong: `${where} has ${what}: ${whyNone(asked)}` };
  }
  const missing = addresses.filter((address) => !holder.has.includes(address));
  if (missing.length > 0)
    return {
      holder,
      wrong: `${holder.name} has ${holder.has.join(", ")}, and ${missing.join(", ")} is missing there: was it deleted by hand? \`systemctl reload keepalived\` there`,
    };
  if (holder.state !== "MASTER") return { holder, wrong: `${holder.name} has ${what}, and ${leftOver(holder)}` };
  return { holder };
}

function whySeveral(holders: readonly DirectorSeen[]): string {
  const odd = holders.filter(({ state }) => state !== "MASTER");
  if (odd.length === 0)
    return (
      "they do not hear each other. Does a firewall drop VRRP (FirewallRule with protocol vrrp), do source and peers " +
      "name the directors' own addresses, and is the network between them whole?"
    );
  return odd.map((one) => `${one.name}: ${leftOver(one)}`).join("; ");
}

/** Why a host has the addresses although its keepalived does not hold them. */
function leftOver({ state }: DirectorSeen): string {
  if (state === "STOPPED")
    return "keepalived does not run there. It was killed and left them behind: `systemctl start keepalived`";
  return `keepalived is ${state} there. Somebody has added them by hand, or a VipAlias declares them: delete that`;
}

function whyNone(asked: readonly DirectorSeen[]): string {
  const given = asked.filter(({ givenUp }) => givenUp !== undefined);
  if (given.length > 0) {
    const rest = asked.filter((one) => !given.includes(one));
    const cure = given.map(({ name }) => `\`pulumi-lvs return ${name}\``).join(" or ");
    const others = rest.length > 0 ? `, and of the others: ${whyNone(rest)}` : "";
    return `an operator has given up ${given.map(givenUpText).join(" and ")}. ${cure} brings it back${others}`;
  }
  const of = (state: string) => asked.filter((one) => one.state === state);
  const [stopped, fault, master] = [of("STOPPED"), of("FAULT"), of("MASTER")];
  if (asked.length === 0) return "none could be asked";
  if (master.length > 0)
    return `${names(master)} took it, and it is gone there. Was it deleted by hand? \`systemctl reload keepalived\` there`;
  if (fault.length > 0)
    return `${names(fault)} ${fault.length > 1 ? "are" : "is"} unfit: an interface has no link, or nothing answers of what must be reached (journalctl -u keepalived)`;
  if (stopped.length > 0) return `keepalived does not run on ${names(stopped)} (journalctl -u keepalived)`;
  return "each hears another master. Does another site on the network use the same routerId?";
}

/** "d1 (replacing a disk, since 2026-11-26T12:00:00Z)". */
export function givenUpText({ name, givenUp: { reason, since } = {} }: DirectorSeen): string {
  const said = [reason, since && `since ${since}`].filter(Boolean).join(", ");
  return said ? `${name} (${said})` : name;
}

function names(directors: readonly DirectorSeen[]): string {
  return directors.map(({ name }) => name).join(" and ");
}
