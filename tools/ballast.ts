/** Files of Python packages and of the shop that the shop does not need to run. */
const ballast = [
  // Programs, and lists of files that name them.
  /^lib\/bin\//,
  /^lib\/[^/]+\.dist-info\/(RECORD|REQUESTED|INSTALLER|direct_url\.json)$/,
  // For tests. Oscar names factory_boy, which brings Faker, among what it needs to run.
  /^lib\/(faker|factory|faker-.*|factory_boy-.*)\//,
  /^lib\/.*\/tests\//,
  // Other languages than English.
  /^lib\/.*\/locale\/.*\.(mo|po)$/,
  /^lib\/django\/conf\/locale\/(?!en)\w+\//,
  /^lib\/babel\/locale-data\/(?!(root|en|en_001|en_150|en_GB)\.dat$)/,
  // Maps, by libraries that the servers do not have.
  /^lib\/django\/contrib\/gis\//,
  // The place and the carrier of a telephone number; emergency numbers.
  /^lib\/phonenumbers\/(geodata\/|carrierdata\/|tzdata\/|shortdata\/region_)/,
  // Parts of Pillow that are loaded on demand: a codec that is larger than all others together, and the drawing of
  // text.
  /^lib\/(PIL\/_(avif|imagingft)\.|pillow\.libs\/lib(avif|freetype|harfbuzz|brotli))/,
  // These files are collected in static/.
  /^(lib\/.*|shop)\/static\//,
  // The sources of static files.
  /^static\/.*\.(map|scss|rst)$/,
];

/** Whether the shop runs without the file. @param all the files that there are */
export function isBallast(file: string, all: ReadonlySet<string>): boolean {
  if (ballast.some((pattern) => pattern.test(file))) return true;
  const shorter = file.replace(/(?<!\.min)\.(js|css)$/, ".min.$1");
  return file.startsWith("static/") && shorter !== file && all.has(shorter);
}
