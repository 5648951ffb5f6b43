type Links = typeof import("../../tools/reference/links.js", { with: { "resolution-mode": "import" }});

const { brokenLinks }: Links = jest.requireActual("../../tools/reference/links");

const page = '<h1 id="top">Host</h1><a class="deep" id="ready" href="#ready"></a>';

/** Returns the broken links of a page in the folder classes that has this link. */
function broken(link: string): string[] {
  const files = {
    "classes/Host.html": `${page}<a href="${link}">`,
    "index.html": page,
    "assets/icons.svg": '<g id="a">',
  };
  return brokenLinks(new Map([...Object.entries(files), ["media/shop.png", ""]]));
}

test.each([
  ["a place on the page", "#ready"],
  ["the page itself", "Host.html"],
  ["a page in another folder", "../index.html"],
  ["a place on another page", "../index.html#top"],
  ["a folder that has a page of its own", "../#top"],
  ["a place in a picture", "../assets/icons.svg#a"],
  ["a file that is no text", "../media/shop.png"],
  ["another site, which is not looked at", "https://nowhere.invalid/#nothing"],
  ["a port and a question of another site", "http://www.nowhere.invalid:8080?page=1"],
  ["a site by the page's own protocol", "//nowhere.invalid"],
  ["a protocol of the browser's own", "mailto:nobody@nowhere.invalid"],
])("%s", (_, link) => {
  expect(broken(link)).toEqual([]);
});

test.each([
  ["a place that the page has not", "#port"],
  ["a place that only another page has", "Host.html#bottom"],
  ["a page that is not there", "Link.html"],
  ["a page of the folder above, as if it were here", "index.html"],
  ["a place on another page that is not there", "../index.html#ports"],
  ["a folder", "../media"],
  ["a site without its host", "https://"],
  ["a site with one slash", "https:/nowhere.invalid"],
  ["a host without a domain", "https://nowhere/page.html"],
  ["a host with an empty part", "https://nowhere..invalid/"],
  ["an address with a blank", "https://nowhere.invalid/a page"],
  ["a protocol that is not known", "htps://nowhere.invalid/"],
])("broken: %s", (_, link) => {
  expect(broken(link)).toEqual([`classes/Host.html: ${link}`]);
});

test("a picture is followed like a link, and what is shown as text is not", () => {
  const files = new Map([
    ["index.html", '<img alt="" src="media/no.png"><code>&lt;a href=&quot;no.html&quot;&gt;</code>'],
  ]);
  expect(brokenLinks(files)).toEqual(["index.html: media/no.png"]);
});
