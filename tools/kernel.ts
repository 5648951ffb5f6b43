/** The folder of the kernel that the tests of the tier `kernel` boot. */
export async function ensureKernel(): Promise<string> {
  throw new Error("kernel: not there yet");
}
