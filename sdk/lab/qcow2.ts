const bits = 16;
const cluster = 1 << bits;
const copied = 1n << 63n;

/**
 * Returns a raw disk image of at most a few MiB as a qcow2 file (version 2: qemu, docs/interop/qcow2.txt). libvirt
 * recognises a bare ISO image as format "iso", in which libvirt cannot create a volume. Every refresh would then ask
 * for the volume to be replaced.
 */
export function qcow2(content: Buffer): Buffer {
  const data = Math.ceil(content.length / cluster);
  const [refcountTable, refcountBlock, l1, l2, first] = [1, 2, 3, 4, 5];
  const file = Buffer.alloc((first + data) * cluster);
  file.write("QFI\xfb", 0, "latin1");
  file.writeUInt32BE(2, 4);
  file.writeUInt32BE(bits, 20);
  file.writeBigUInt64BE(BigInt(content.length), 24);
  file.writeUInt32BE(1, 36);
  file.writeBigUInt64BE(BigInt(l1 * cluster), 40);
  file.writeBigUInt64BE(BigInt(refcountTable * cluster), 48);
  file.writeUInt32BE(1, 56);
  file.writeBigUInt64BE(BigInt(refcountBlock * cluster), refcountTable * cluster);
  for (let used = 0; used < first + data; used++) file.writeUInt16BE(1, refcountBlock * cluster + used * 2);
  file.writeBigUInt64BE(BigInt(l2 * cluster) | copied, l1 * cluster);
  for (let index = 0; index < data; index++)
    file.writeBigUInt64BE(BigInt((first + index) * cluster) | copied, l2 * cluster + index * 8);
  content.copy(file, first * cluster);
  return file;
}
