import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { poll } from "pulumi-lvs-provider/poll";
import { ensurePrograms, type Programs } from "../machine.js";
import { NewProject, packed, type Trial } from "./project.js";

const LIBVIRT: Programs = {
  libvirtd: "libvirt-daemon-system",
  virsh: "libvirt-clients",
  "ssh-keygen": "openssh-client",
};

/** What the preview has to show beside the cluster: each machine, and what makes one. */
const SHOWN = [
  "lvs:index:DrCluster",
  "libvirt:index:Domain lab-director",
  "libvirt:index:Network lab-lan",
  "rs2-nginx",
];

/**
 * The template with virtual machines, as a new user has it, from the tarballs alone. `pulumi install`, which `pulumi new`
 * runs as well, generates @pulumi/libvirt and installs it. The preview asks a libvirt of its own, whose driver `test` has
 * no machines to run.
 */
export async function onLibvirt(folder: string, trial: Trial): Promise<void> {
  await ensurePrograms("a template with virtual machines", LIBVIRT);
  const project = await NewProject.of("lvs-libvirt-typescript", folder, trial);
  // As a user installs them. With `overrides` npm fails on the generated package, which is a folder.
  const tarballs = await packed(trial);
  await project.describe((own) => ({ ...own, dependencies: { ...own.dependencies, ...tarballs } }));
  await project.install();
  await project.types();
  const key = join(folder, "id_ed25519");
  await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
  const image = join(folder, "image.qcow2");
  await writeFile(image, "no image: nothing boots");
  await withLibvirt(join(folder, "libvirt"), async (uri) => {
    const settings = { "libvirt:uri": uri, image, publicKeyFile: `${key}.pub` };
    const preview = await project.preview(settings);
    const missing = SHOWN.filter((one) => !preview.includes(one));
    if (missing.length > 0) throw new Error(`the preview does not show ${missing.join(", ")}:\n${preview}`);
  });
}

const CONFIGURATION = (sockets: string) => `unix_sock_dir = "${sockets}"
unix_sock_rw_perms = "0700"
auth_unix_rw = "none"
`;

/** A libvirtd with folders of its own, in namespaces of its own, for as long as the work takes. */
async function withLibvirt(folder: string, work: (uri: string) => Promise<void>): Promise<void> {
  const sockets = join(folder, "run");
  await mkdir(sockets, { recursive: true });
  const configuration = join(folder, "libvirtd.conf");
  await writeFile(configuration, CONFIGURATION(sockets));
  const script = `for own in /run /var/lib/libvirt /etc/libvirt; do mount -t tmpfs tmpfs $own || exit; done
    exec libvirtd -f "$1" -p "$2"`;
  const separate = ["--mount", "--net", "--pid", "--fork", "--kill-child", "sh", "-c", script, "libvirtd"];
  // Whatever libvirtd starts would hold a pipe open after its end.
  const options = { reject: false, stdio: "ignore" } as const;
  const daemon = execa("unshare", [...separate, configuration, join(folder, "pid")], options);
  try {
    const uri = `test+unix:///default?socket=${join(sockets, "libvirt-sock")}`;
    const asked = () => execa("virsh", ["--connect", uri, "--quiet", "list"], { reject: false });
    const last = await poll(asked, ({ exitCode }) => exitCode === 0, { within: 60, every: 0.5 });
    if (last.exitCode !== 0) throw new Error(`libvirtd does not answer: ${last.stderr}`);
    await work(uri);
  } finally {
    daemon.kill("SIGKILL");
    await daemon;
  }
}
