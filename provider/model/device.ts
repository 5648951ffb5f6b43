/** Whether a text can be a network interface's name. The kernel allows 15 bytes, without "/" and white space. */
export function isDevice(text: string): boolean {
  return /^[^\s/]{1,15}$/.test(text);
}
