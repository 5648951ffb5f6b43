import { InvalidArgumentError } from "commander";

/** Reads the value of an option that counts seconds or rounds. */
export function number(text: string): number {
  const value = Number(text);
  if (!(value >= 1 && value <= 86400)) throw new InvalidArgumentError("a number from 1 to 86400.");
  return value;
}
