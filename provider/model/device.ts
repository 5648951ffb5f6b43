/** A network interface's name; the kernel takes 15 bytes, neither "/" nor white space. */
export function isDevice(text: string): boolean {
  return /^[^\s/]{1,15}$/.test(text);
}
