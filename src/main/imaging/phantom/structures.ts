/** The labelled structures of the torso phantoms, in label order; `mirror` pairs left with right. */

export const torsoStructures = [
  'liver',
  'spleen',
  'kidney_right',
  'kidney_left',
  'heart',
  'aorta',
  'bladder',
  'lung_right',
  'lung_left',
  'spine',
] as const;
export type TorsoStructure = (typeof torsoStructures)[number];

/** Label value of a structure, from 1. */
export const labelOf = (name: TorsoStructure): number => torsoStructures.indexOf(name) + 1;
