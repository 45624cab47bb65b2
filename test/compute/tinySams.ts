/** The reference's small SAMs: what they are, what they answer, and their weights as a file. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeSafetensors } from '../../src/main/checkpoints/safetensors';
import type { Tensor } from '../../src/main/engine/tensor';
import { temporaryFolder } from '../folders';
import { golden, part } from '../golden';
import { specOf } from '../networks/samGolden';

const read = (folder: string) => {
  const io = golden(`${folder}/io`);
  const weights = part(golden(`${folder}/params`), 'param.');
  return { spec: specOf(io), weights, get: (name: string) => io.tensors.get(name) as Tensor, has: (name: string) => io.tensors.has(name) };
};
export type TinySam = ReturnType<typeof read>;
export const [plane, volume] = [read('sam_tiny'), read('sam_med3d_tiny')];
export const here = { device: 'cpu', threads: 1 } as const;

export function weightsFile({ weights }: Pick<TinySam, 'weights'>): string {
  const path = join(temporaryFolder(), 'teacher.safetensors');
  writeFileSync(path, encodeSafetensors(weights));
  return path;
}
