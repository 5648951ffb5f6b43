// Units that stand for the whole host (systemd.special(7)).

/** A start of them ends the host, or all but a console of it. */
const ENDS =
  /^((poweroff|reboot|soft-reboot|halt|kexec|shutdown|umount|final|exit|emergency|rescue|suspend|hibernate|hybrid-sleep|sleep|suspend-then-hibernate|ctrl-alt-del|runlevel[016])\.target|(systemd-(poweroff|reboot|soft-reboot|halt|kexec|exit|suspend|hibernate|hybrid-sleep|suspend-then-hibernate)|emergency|rescue)\.service)$/;

/** With them stop all services, sshd among them: each requires them. */
const EVERYTHING = /^(sysinit|basic)\.target$|^(system|machine)\.slice$/;

/** They bring back what is declared, for as long as something is. */
const OURS = /^lvs-boot(-again)?\.(service|path)$/;

/** Why a unit is none that a program declares; undefined if it may be. */
export function whyNotDeclared(unit: string, running: boolean): string | undefined {
  if (OURS.test(unit)) return "is ours: it comes and goes with what is declared on the host, so leave it out";
  if (running && ENDS.test(unit))
    return "ends the host, or all logins, as soon as it is started. Declare running: false, or leave it out";
  if (!running && EVERYTHING.test(unit))
    return "takes all services along where it is stopped, sshd among them: leave it out";
  return undefined;
}
