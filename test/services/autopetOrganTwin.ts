/** A twin of AutoPET-Organ in its published layout: tiny bodies with twelve organs, named like AutoPET's studies, and lists for 5, 10 and 20 labels. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { autopetOrganStructures } from '../../src/shared/autopetOrgan';
import type { Grid } from '../../src/shared/geometry';
import type { Voxels } from '../../src/shared/volume';
import { temporaryFolder } from '../folders';
import { write } from './workbench';

/** Names with blanks, as AutoPET has them. */
export const studyName = (n: number): string => `fdg_${String(n).padStart(2, '0')}_NA-PET-CT Ganzkoerper  primaer mit KM-${50_000 + n}`;

/** Eleven train, in an order that is not that of their names; the twelfth validates; the thirteenth is in no list, and the last has no label either. */
export const twinNames = Array.from({ length: 14 }, (_, n) => studyName(n + 1));
export const trainingOrder = [7, 3, 11, 1, 9, 5, 2, 10, 4, 8, 6].map(studyName);
export const [validating, unlisted, bare] = twinNames.slice(11);

export interface Files {
  folder: string;
  /** Path of a file of the twin. */
  at(...names: string[]): string;
}

/** Writes the twin. `voxels` false leaves its files empty, for what only looks at names. */
export async function writeTwin({ voxels }: { voxels: boolean }): Promise<Files> {
  const folder = join(temporaryFolder(), 'autopet');
  const at = (...names: string[]) => join(folder, ...names);
  for (const name of ['images', 'labels_ok', 'lists_5', 'lists_10', 'lists_20']) mkdirSync(at(name), { recursive: true });
  for (const [seed, name] of twinNames.entries()) {
    const { ct, pet, label } = body(seed);
    const files: [path: string, values: Voxels][] = [
      [at('images', `${name}_0000.nii.gz`), ct],
      [at('images', `${name}_0001.nii.gz`), pet],
    ];
    if (name !== bare) files.push([at('labels_ok', `${name}.nii.gz`), label]);
    for (const [path, values] of files) {
      if (voxels) await write(path, values, twinGrid);
      else writeFileSync(path, '');
    }
  }
  for (const budget of [5, 10, 20]) {
    writeFileSync(at(`lists_${budget}`, 'train.txt'), `${trainingOrder.join('\n')}\n`);
    writeFileSync(at(`lists_${budget}`, 'val.txt'), `${validating}\n`);
  }
  return { folder, at };
}

/** Where all of its volumes lie. */
export const twinGrid: Grid = { size: [24, 24, 24], affine: [5, 0, 0, 0, 0, 5, 0, 0, 0, 0, 5, 0, 0, 0, 0, 1] };

/** Twelve boxes in two layers, each with a density and an uptake of its own; how high they are differs between bodies. */
function body(seed: number) {
  const [ni, nj, nk] = twinGrid.size;
  const label = new Uint8Array(ni * nj * nk);
  const [ct, pet] = [new Int16Array(label.length), new Float32Array(label.length)];
  for (let n = 0; n < label.length; n++) {
    const [i, j, k] = [n % ni, Math.floor(n / ni) % nj, Math.floor(n / ni / nj)];
    const organ = 1 + Math.floor(i / 8) + 3 * Math.floor(j / 12) + 6 * Math.floor(k / 12);
    if (i % 8 < 6 && j % 12 < 10 && k % 12 < 10 - (seed % 3) && organ <= autopetOrganStructures.length) label[n] = organ;
    const noise = (n * 31 + seed * 17) % 23;
    ct[n] = (label[n] ? 10 * label[n] : -800) + noise;
    pet[n] = (label[n] ? label[n] / 2 : 0.1) + noise / 100;
  }
  return { ct, pet, label };
}
