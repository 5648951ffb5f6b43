/** Files of Python packages and of the shop without which the shop runs just the same. */
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
  // Where in a country a telephone is, and whose; emergency numbers.
  /^lib\/phonenumbers\/(geodata\/|carrierdata\/|tzdata\/|shortdata\/region_)/,
  // Parts of Pillow that are loaded when they are asked for: a codec larger than all others together, and drawn text.
  /^lib\/(PIL\/_(avif|imagingft)\.|pillow\.libs\/lib(avif|freetype|harfbuzz|brotli))/,
  // Collected in static/.
  /^(lib\/.*|shop)\/static\//,
  // What static files were made from.
  /^static\/.*\.(map|scss|rst)$/,
];

/** Whether the shop runs without the file. @param all the files that there are */
export function isBallast(file: string, all: ReadonlySet<string>): boolean {
  if (ballast.some((pattern) => pattern.test(file))) return true;
  const shorter = file.replace(/(?<!\.min)\.(js|css)$/, ".min.$1");
  return file.startsWith("static/") && shorter !== file && all.has(shorter);
}
