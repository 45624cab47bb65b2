/** Writes torso phantoms as a data set in nnU-Net's layout, in the axis order DICOM scanners store, so that it is imported like a hospital's. */
import { join } from 'node:path';
import type { Grid } from '../../../shared/geometry';
import type { Volume } from '../../../shared/volume';
import { writeDurably } from '../../files/durable';
import { fromCanonical, mapGrid } from '../canonical';
import { writeNifti } from '../niftiWrite';
import { torsoStructures } from './structures';
import { torsoPhantom } from './torso';
import type { Variation } from './variation';

export interface DatasetPlan {
  folder: string;
  seed: number;
  /** All cases; the last `test` of them are test cases, the first `labelled` have a training label. */
  cases: number;
  labelled: number;
  test: number;
  variation?: Variation;
}

/**
 * Yields after every case, with the number of files written so far: `imagesTr`, `labelsTr` (labelled cases only), `imagesTs`, `labelsTs`
 * and, last, `dataset.json`. Case n is the same whatever the counts are.
 */
export async function* writeTorsoDataset({ folder, seed, cases, labelled, test, variation }: DatasetPlan): AsyncGenerator<number> {
  let files = 0;
  const training = cases - test;
  const write = async (path: string, volume: Volume) => {
    await writeNifti(join(folder, path), asScanned(volume));
    files++;
  };
  for (let number = 1; number <= cases; number++) {
    const name = `torso_${String(number).padStart(3, '0')}`;
    const set = number <= training ? 'Tr' : 'Ts';
    const { ct, pet, label } = torsoPhantom(seed, number, variation);
    await write(`images${set}/${name}_0000.nii.gz`, ct);
    await write(`images${set}/${name}_0001.nii.gz`, pet);
    if (set === 'Ts' || number <= labelled) await write(`labels${set}/${name}.nii.gz`, label);
    yield files;
  }
  const description = {
    name: 'Torso phantoms',
    description: `Synthetic PET/CT torsos, seed ${seed}`,
    channel_names: { 0: 'CT', 1: 'PET' },
    labels: Object.fromEntries([['background', 0], ...torsoStructures.map((structure, n) => [structure, n + 1])]),
    numTraining: Math.min(labelled, training),
    file_ending: '.nii.gz',
  };
  await writeDurably(join(folder, 'dataset.json'), new TextEncoder().encode(`${JSON.stringify(description, null, 2)}\n`));
  yield files + 1;
}

/** Columns towards the patient's left, rows towards the back: the order of a DICOM slice. */
function asScanned(volume: Volume): Volume {
  const stored: Grid = mapGrid(volume.grid, { from: [0, 1, 2], isFlipped: [true, true, false] });
  return fromCanonical(volume, stored);
}
