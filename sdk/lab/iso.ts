const sector = 2048;
const rootSector = 20;

/**
 * Returns an ISO 9660 image (ECMA-119) with a few files in its root, for a seed disk. The names are longer than the
 * standard allows, and in small letters. Linux reads such names as they are (mkisofs calls them "relaxed").
 */
export function isoImage(label: string, files: Readonly<Record<string, string>>): Buffer {
  let free = rootSector + 1;
  const placed = Object.entries(files).map(([name, text]) => {
    const content = Buffer.from(text, "utf8");
    const at = free;
    free += Math.max(1, Math.ceil(content.length / sector));
    return { name, content, at };
  });
  const image = Buffer.alloc(free * sector);
  primaryDescriptor(label, free).copy(image, 16 * sector);
  terminator().copy(image, 17 * sector);
  pathTable("LE").copy(image, 18 * sector);
  pathTable("BE").copy(image, 19 * sector);
  const records = [
    record("\0", rootSector, sector, true),
    record("\x01", rootSector, sector, true),
    ...placed.map(({ name, content, at }) => record(name, at, content.length, false)),
  ];
  Buffer.concat(records).copy(image, rootSector * sector);
  for (const { content, at } of placed) content.copy(image, at * sector);
  return image;
}

/** ECMA-119 8.4. */
function primaryDescriptor(label: string, sectors: number): Buffer {
  const descriptor = Buffer.alloc(sector);
  descriptor.write("\x01CD001\x01", 0, "latin1");
  descriptor.fill(" ", 8, 72);
  descriptor.write(label, 40, "latin1");
  bothEndian32(descriptor, 80, sectors);
  for (const [at, value] of [
    [120, 1],
    [124, 1],
    [128, sector],
  ] as const)
    bothEndian16(descriptor, at, value);
  bothEndian32(descriptor, 132, pathTable("LE").length);
  descriptor.writeUInt32LE(18, 140);
  descriptor.writeUInt32BE(19, 148);
  record("\0", rootSector, sector, true).copy(descriptor, 156);
  descriptor.fill(" ", 190, 813);
  for (const at of [813, 830, 847, 864]) descriptor.fill("0", at, at + 16);
  descriptor[881] = 1;
  return descriptor;
}

/** ECMA-119 8.3. */
function terminator(): Buffer {
  return Buffer.from("\xffCD001\x01", "latin1");
}

/** The path table has the root alone (ECMA-119 9.4). */
function pathTable(order: "LE" | "BE"): Buffer {
  const table = Buffer.alloc(10);
  table[0] = 1;
  if (order === "LE") {
    table.writeUInt32LE(rootSector, 2);
    table.writeUInt16LE(1, 6);
  } else {
    table.writeUInt32BE(rootSector, 2);
    table.writeUInt16BE(1, 6);
  }
  return table;
}

/** ECMA-119 9.1. */
function record(name: string, at: number, size: number, folder: boolean): Buffer {
  const length = 33 + name.length;
  const made = Buffer.alloc(length + (length % 2));
  made[0] = made.length;
  bothEndian32(made, 2, at);
  bothEndian32(made, 10, size);
  // The date is 1 January 1970, so that equal contents make equal images.
  made.set([70, 1, 1], 18);
  made[25] = folder ? 2 : 0;
  bothEndian16(made, 28, 1);
  made[32] = name.length;
  made.write(name, 33, "latin1");
  return made;
}

function bothEndian32(into: Buffer, at: number, value: number): void {
  into.writeUInt32LE(value, at);
  into.writeUInt32BE(value, at + 4);
}

function bothEndian16(into: Buffer, at: number, value: number): void {
  into.writeUInt16LE(value, at);
  into.writeUInt16BE(value, at + 2);
}
