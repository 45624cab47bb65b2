/** A small NIfTI-1 file for tests of the doors, written by hand so that they do not depend on the program's own writer. */
import { writeFile } from 'node:fs/promises';

const side = 24;

/** A bright ball in a dark cube of 24³ voxels of 2 mm, int16, RAS+. */
export async function writePhantomVolume(path: string): Promise<void> {
  const header = Buffer.alloc(352);
  header.writeInt32LE(348, 0);
  [3, side, side, side, 1, 1, 1, 1].forEach((size, i) => {
    header.writeInt16LE(size, 40 + 2 * i);
  });
  header.writeInt16LE(4, 70); // datatype: int16
  header.writeInt16LE(16, 72); // bits per voxel
  [1, 2, 2, 2, 1, 1, 1, 1].forEach((size, i) => {
    header.writeFloatLE(size, 76 + 4 * i);
  });
  header.writeFloatLE(352, 108); // where the voxels begin
  header.writeFloatLE(1, 112); // scl_slope
  header.writeUInt8(2, 123); // millimetres
  header.writeInt16LE(1, 254); // sform_code: scanner
  [
    [2, 0, 0, -24],
    [0, 2, 0, -24],
    [0, 0, 2, -24],
  ].forEach((row, r) => {
    row.forEach((value, c) => {
      header.writeFloatLE(value, 280 + 16 * r + 4 * c);
    });
  });
  header.write('n+1\0', 344, 'latin1');
  const voxels = new Int16Array(side ** 3);
  for (let k = 0; k < side; k++)
    for (let j = 0; j < side; j++)
      for (let i = 0; i < side; i++) {
        const distance = Math.hypot(i - side / 2, j - side / 2, k - side / 2);
        voxels[i + side * (j + side * k)] = (distance < 8 ? 400 : 0) + ((i * 7 + j * 13 + k * 29) % 11);
      }
  await writeFile(path, Buffer.concat([header, Buffer.from(voxels.buffer)]));
}
