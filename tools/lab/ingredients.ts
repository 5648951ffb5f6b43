import { type DomainType, domainType } from "./domain-type.js";
import { quickEmulator } from "./emulator.js";
import { type Debian, ensureImage, type Image } from "./image.js";
import { ensurePackages } from "./packages.js";
import { ensureLabTools } from "./preflight.js";

/** What every lab with guests of one release needs. */
export interface Ingredients {
  readonly image: Image;
  /** The folder with the guests' packages. */
  readonly packages: string;
  readonly type: DomainType;
  /** The folder of a quicker QEMU than the machine's own. */
  readonly emulator: string | undefined;
}

/** Returns the ingredients. What is missing is built or installed. */
export async function ensureIngredients(debian: Debian): Promise<Ingredients> {
  await ensureLabTools();
  const image = await ensureImage(debian);
  const packages = await ensurePackages(image);
  const type = await domainType(image);
  return { image, packages, type, emulator: type === "qemu" ? await quickEmulator() : undefined };
}
