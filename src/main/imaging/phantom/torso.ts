/** A seeded whole-torso PET/CT study: anatomy, then the two scanners that look at it. Case n of a seed is the same whatever else is made. */
import type { Grid } from '../../../shared/geometry';
import { random } from '../../../shared/random';
import type { LabelMap, Volume } from '../../../shared/volume';
import { bladder, kidneys, liver, spleen } from './abdomen';
import { aorta, heart, lungs, otherVessels } from './chest';
import { drawFrame } from './frame';
import { drawPatient } from './patient';
import { render } from './render';
import { ctScan, petScan } from './scanners';
import { muscles, otherBones, spine } from './skeleton';
import { bowel, breasts, hotSpots, pelvis, stomach } from './unlabelled';
import { type Variation, variations } from './variation';

/** Edge of a voxel, mm. */
export const torsoSpacingMm = 5;

export interface Torso {
  /** int16, Hounsfield units. */
  ct: Volume;
  /** float32, SUV. */
  pet: Volume;
  /** Values as in `torsoStructures`, 0 elsewhere. */
  label: LabelMap;
}

/**
 * Makes case `number` (any whole number) of data set `seed`, on a canonical RAS+ grid of about 64×62×80 voxels.
 * Takes about 0.4 s; the same arguments give the same voxels.
 */
export function torsoPhantom(seed: number, number: number, variation: Variation = variations.default): Torso {
  const stream = random(seed).fork(`torso ${number}`);
  const frame = drawFrame(stream.fork('frame'), variation);
  const patient = drawPatient(stream.fork('patient'), variation);
  const layers = [
    ...breasts(patient),
    ...lungs(patient),
    ...otherBones(patient, frame),
    ...muscles(patient),
    ...bowel(patient),
    ...stomach(patient),
    ...pelvis(patient),
    ...bladder(patient),
    ...liver(patient),
    ...kidneys(patient),
    ...spleen(patient),
    ...heart(patient),
    ...otherVessels(patient),
    ...aorta(patient),
    ...spine(patient),
    ...hotSpots(patient),
  ];
  const grid = gridFor(frame.halfWidthMm, frame.halfDepthMm, stream.fork('field').integer(5));
  const scene = render(grid, frame, patient, layers);
  return {
    ct: { grid, voxels: ctScan(scene, grid, stream.fork('ct'), variation) },
    pet: { grid, voxels: petScan(scene, grid, stream.fork('pet'), variation) },
    label: { grid, voxels: scene.label },
  };
}

/** A field of view that fits the patient, as a technician would choose it: 58–70 × 54–66 × 78–82 voxels. */
function gridFor(halfWidthMm: number, halfDepthMm: number, extra: number): Grid {
  const evenBetween = (mm: number, low: number, high: number) => Math.min(high, Math.max(low, 2 * Math.ceil(mm / torsoSpacingMm / 2)));
  const size = [evenBetween(2 * halfWidthMm + 26, 58, 70), evenBetween(2 * halfDepthMm + 60, 54, 66), 78 + extra] as const;
  const s = torsoSpacingMm;
  const origin = [(-s * (size[0] - 1)) / 2, (-s * (size[1] - 1)) / 2 - 10, 200 - (s * (size[2] - 1)) / 2];
  return { size, affine: [s, 0, 0, origin[0], 0, s, 0, origin[1], 0, 0, s, origin[2], 0, 0, 0, 1] };
}
