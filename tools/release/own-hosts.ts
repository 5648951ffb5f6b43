import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { NewProject, packed, type Trial } from "./project.js";
import { tracesOf } from "./traces.js";
import { upOf } from "./up.js";
import { MANAGERS, type Way } from "./ways.js";

/** The template for hosts of one's own, as a new user has it, from the tarballs alone: installed, judged, previewed, brought up. */
export async function onOwnHosts(way: Way, folder: string, trial: Trial): Promise<void> {
  const project = await NewProject.of("lvs-typescript", folder, trial);
  await useTarballs(way, project, trial);
  const [command, ...args] = MANAGERS[way.manager].install;
  await project.run(command, ...args);
  if (way.language === "typescript") await project.types();
  else await inJavaScript(way, project);
  await project.run(project.module(".bin", "pulumi-lvs"), "--help");
  if (way.manager === "npm" && way.language === "typescript") await tracesOf(project);
  const preview = await project.preview({
    ...{ vip: "192.0.2.10", director: "192.0.2.2", realServers: "192.0.2.11 192.0.2.12" },
  });
  if (!preview.includes("lvs:index:DrCluster"))
    throw new Error(`${way.name}: the preview shows no cluster:\n${preview}`);
  if (way.manager === "npm") await upOf(project);
}

/** Names the tarballs where a registry would be asked. */
async function useTarballs({ pulumi, manager, language }: Way, project: NewProject, trial: Trial): Promise<void> {
  const { "pulumi-lvs": sdk, ...inner } = await packed(trial);
  const how: (typeof MANAGERS)[typeof manager] & { files?: Record<string, string> } = MANAGERS[manager];
  for (const [name, text] of Object.entries(how.files ?? {})) await writeFile(join(project.folder, name), text);
  const type =
    language === "module" ? { type: "module", main: "index.js" } : language === "commonjs" ? { main: "index.js" } : {};
  await project.describe((own) => {
    const dependencies = { ...own.dependencies, "pulumi-lvs": sdk, "@pulumi/pulumi": pulumi };
    return { ...own, dependencies, ...how.instead(inner), ...type };
  });
}

/** The template's program without its types. */
async function inJavaScript({ language }: Way, project: NewProject) {
  const module = language === "module" ? "es2022" : "commonjs";
  const words = ["--outDir", ".", "--target", "es2022", "--module", module, "--moduleResolution", "node", "--noCheck"];
  await project.run(process.execPath, project.module("typescript", "bin", "tsc"), "index.ts", ...words);
  for (const name of ["index.ts", "tsconfig.json"]) await rm(join(project.folder, name));
}
