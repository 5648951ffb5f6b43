import * as pulumi from "@pulumi/pulumi";
import { Host, type HostArgs } from "pulumi-lvs";
import type * as lab from "pulumi-lvs/lab";
import { behindRouter, oneLan, shopLan, shopPair, twoArm, twoArmPair, twoDirectors } from "./machines";

const sets = { behindRouter, oneLan, shopLan, shopPair, twoArm, twoArmPair, twoDirectors };

/** A real host in the stack's configuration. `jump` is the name of another host there. */
type ConfiguredHost = Omit<HostArgs, "jump" | "vm"> & { jump?: string };

/** The embedded lab of this stack; undefined where the hosts are real ones. */
export function surroundings(): lab.EmbeddedLab | undefined {
  return new pulumi.Config().getObject<lab.EmbeddedLab>("lab");
}

/** The local addresses that Pulumi sends from. The director takes each of them for one client. */
export function clients(): string[] | undefined {
  return new pulumi.Config().getObject<string[]>("sources") ?? surroundings()?.sources;
}

/**
 * The hosts of an experiment, by name. With `lab` in the stack's configuration these machines are the hosts. Otherwise
 * the hosts are those that `hosts` lists under the same names.
 */
export function hosts<Name extends string>(machines: Record<Name, lab.LabMachineArgs>): Record<Name, Host> {
  const around = surroundings();
  const pick = around ? fromLab(machines, around) : configured(new pulumi.Config());
  const names = Object.keys(machines) as Name[];
  return Object.fromEntries(names.map((name) => [name, pick(name)])) as Record<Name, Host>;
}

/**
 * The addresses by which several directors know each other, from the configuration `directors`. In the lab they are those of
 * its machines. Hosts of one's own have no address that could stand in for one that is missing.
 */
export function ownAddresses<Name extends string>(inLab: Record<Name, string>): Record<Name, string> {
  const given = new pulumi.Config().getObject<Partial<Record<Name, string>>>("directors") ?? {};
  const known = { ...(surroundings() ? inLab : {}), ...given } as Record<Name, string>;
  const missing = (Object.keys(inLab) as Name[]).find((name) => !known[name]);
  if (missing !== undefined)
    throw new pulumi.RunError(
      `The configuration does not say the address of ${missing} by which the other directors know it. Add it: ` +
        `\`pulumi config set --path 'directors.${missing}' 192.0.2.2\`.`,
    );
  return known;
}

function fromLab<Name extends string>(machines: Record<Name, lab.LabMachineArgs>, around: lab.EmbeddedLab) {
  // The package is loaded only here, because hosts of one's own need no libvirt.
  const { Lab, embedded } = require("pulumi-lvs/lab") as typeof lab;
  const config = new pulumi.Config();
  // With `machines: shopLan` several experiments can follow one another on one lab: the host of the shop's database
  // stays there.
  const more = config.get<keyof typeof sets>("machines");
  // `generations.rs1: 2` replaces that machine.
  const generations = config.getObject<Record<Name, number>>("generations");
  const wanted = Object.fromEntries(
    Object.entries<lab.LabMachineArgs>({ ...machines, ...(more && sets[more]) }).map(([name, machine]) => [
      name,
      { ...machine, generation: generations?.[name as Name] },
    ]),
  );
  const made = new Lab("lab", { ...embedded(around), machines: wanted });
  return (name: Name) => new Host(name, made.machines[name]?.host);
}

function configured(config: pulumi.Config): (name: string) => Host {
  const declared = config.getObject<Record<string, ConfiguredHost>>("hosts") ?? {};
  const host = (name: string, reaching: string[] = []): Host => {
    const args = declared[name];
    if (!args)
      throw new pulumi.RunError(
        `The configuration has no host "${name}". Add it: ` +
          `\`pulumi config set --path 'hosts.${name}.address' 192.0.2.1\` (user, privateKeyFile, hostKey, sudo likewise), ` +
          "or use the lab.",
      );
    const way = [...reaching, name];
    if (reaching.includes(name))
      throw new pulumi.RunError(`The configuration's jump hosts lead in a circle: ${way.join(", ")}.`);
    const { jump, ...itself } = args;
    return new Host(name, { ...itself, ...(jump && { jump: host(jump, way) }) });
  };
  return (name) => host(name);
}
