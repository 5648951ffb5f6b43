import { posix } from "node:path";

/**
 * Returns the links of a static site that lead to no file, or to no place in a file, as "page: link". A link to another
 * site is not followed: only the form of its address is checked.
 *
 * @param files path in the site → text; "" for what is no text
 */
export function brokenLinks(files: ReadonlyMap<string, string>): string[] {
  const places = new Map([...files].map(([path, text]) => [path, placesOf(text)]));
  return [...files].flatMap(([page, text]) =>
    page.endsWith(".html")
      ? linksOf(text)
          .filter((link) => !leads(page, link, places))
          .map((link) => `${page}: ${link}`)
      : [],
  );
}

/** A web address whose host has a domain, or a mail address. */
const OF_ANOTHER_SITE =
  /^((https?:)?\/\/([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}(:\d+)?([/?#]\S*)?|mailto:\S+@\S+)$/i;

function leads(page: string, link: string, places: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  if (/^([a-z][a-z0-9+.-]*:|\/\/)/i.test(link)) return OF_ANOTHER_SITE.test(link);
  const [path = "", place = ""] = link.split("#").map(decodeURIComponent);
  const target = path === "" ? page : posix.join(posix.dirname(page), path);
  const there = places.get(target.endsWith("/") ? posix.join(target, "index.html") : target);
  return there !== undefined && (place === "" || there.has(place));
}

function linksOf(page: string): string[] {
  return [...page.matchAll(/<[^>]*?\s(?:href|src)="([^"]*)"/g)].map(([, link = ""]) => link.replaceAll("&amp;", "&"));
}

function placesOf(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/<[^>]*?\sid="([^"]+)"/g)].map(([, id = ""]) => id));
}
