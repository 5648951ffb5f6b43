import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import {
  Application,
  Comment,
  type CommentDisplayPart,
  CommentTag,
  type Context,
  Converter,
  type DeclarationReflection,
  ReflectionKind,
  Renderer,
  type RendererEvent,
} from "typedoc";
import { brokenLinks } from "./links.js";

/** Sorts the SDK's exports by the rooms of their sources: an export of sdk/clusters gets the category "Clusters". */
export function rooms({ converter }: Application): void {
  converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }: Context) => {
    for (const module of project.getReflectionsByKind(ReflectionKind.Module) as DeclarationReflection[])
      for (const exported of module.children ?? []) {
        const room = basename(dirname(project.getSymbolIdFromReflection(exported)?.fileName ?? ""));
        const comment = exported.comment ?? exported.signatures?.[0]?.comment;
        comment?.blockTags.push(new CommentTag("@category", [text(room.charAt(0).toUpperCase() + room.slice(1))]));
      }
  });
}

/** Gives each guide its first heading as its title. */
export function titles({ converter }: Application): void {
  converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, document) => {
    const [, title] = /^# (.+)$/m.exec(Comment.combineDisplayParts(document.content)) ?? [];
    if (title) document.name = title;
  });
}

/**
 * Shows defaults in words as text. TypeDoc takes every default for code. A default in words begins with a small letter:
 * "none", "the host's name".
 */
export function words({ converter }: Application): void {
  converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }: Context) => {
    for (const tag of propertiesOf(project).flatMap(({ comment }) => comment?.getTag("@default") ?? [])) {
      const [, said] = /^```\w*\n([a-z].*)\n```$/s.exec(Comment.combineDisplayParts(tag.content)) ?? [];
      if (said && !/^(true|false)$/.test(said)) tag.content = [text(said)];
    }
  });
}

/**
 * Checks that each property has words and not only tags, and that each optional property says what holds without it. A
 * property that is read only is an output. Nobody can leave an output out, so it needs no default.
 */
export function complete(app: Application): void {
  app.on(Application.EVENT_VALIDATE_PROJECT, (project) => {
    for (const property of propertiesOf(project)) {
      const { comment, flags } = property;
      if (flags.isExternal || !comment) continue;
      const say = (problem: string) => app.logger.validationWarning(`${property.getFullName()} ${problem}`);
      if (comment.summary.length === 0) say("has tags, but no words that say what it is");
      const isInput = flags.isOptional && !flags.isReadonly && property.type?.toString() !== "undefined";
      if (isInput && !comment.getTag("@default")) say("may be left out, and has no @default");
    }
  });
}

/** Turns warnings into a failure, after all the rest has been reported. */
export function strict(app: Application): void {
  app.on(Application.EVENT_VALIDATE_PROJECT, () => {
    if (app.logger.hasWarnings()) app.logger.error("There are warnings: see above");
  });
}

/** Follows every link of the finished site. TypeDoc does not notice a link to a missing place on the same page. */
export function links(app: Application): void {
  app.renderer.on(Renderer.EVENT_END, ({ outputDirectory }: RendererEvent) => {
    for (const broken of brokenLinks(filesOf(outputDirectory))) app.logger.error(`A link leads nowhere: ${broken}`);
  });
}

function propertiesOf(project: Context["project"]): DeclarationReflection[] {
  return project.getReflectionsByKind(ReflectionKind.Property) as DeclarationReflection[];
}

function text(said: string): CommentDisplayPart {
  return { kind: "text", text: said };
}

function filesOf(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return new Map(
    names
      .filter((name) => statSync(join(folder, name)).isFile())
      .map((name) => [name, /\.(html|svg)$/.test(name) ? readFileSync(join(folder, name), "utf8") : ""]),
  );
}
