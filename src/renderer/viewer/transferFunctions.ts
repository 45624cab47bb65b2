/** How intensities become colour and opacity in 3D: rendering presets by the names people know. Numbers only; vtk.js comes elsewhere. */
import type { Statistics } from '../../shared/domain';
import type { Rendering } from './roomState';

export interface TransferFunction {
  /** Value, then red, green, blue, each 0…1. */
  readonly colour: readonly (readonly [value: number, r: number, g: number, b: number])[];
  /** Value, then opacity per 10 mm of the way (in a maximum projection: of the maximum). */
  readonly opacity: readonly (readonly [value: number, opacity: number])[];
  readonly isMaximum: boolean;
  /** Gradients below and above which nothing and everything is drawn, in units per voxel; null leaves gradients out. */
  readonly edges: readonly [number, number] | null;
}

const greys = (low: number, high: number) =>
  [
    [low, 0, 0, 0],
    [high, 1, 1, 1],
  ] as const;

/** Body shell in a cool grey, soft tissue all but clear, bone ivory: what lies inside stays visible. HU. */
const softTissue: TransferFunction = {
  colour: [
    [-1000, 0.3, 0.36, 0.46],
    [-200, 0.42, 0.5, 0.62],
    [60, 0.62, 0.62, 0.66],
    [180, 0.8, 0.72, 0.62],
    [500, 0.95, 0.9, 0.8],
  ],
  opacity: [
    [-600, 0],
    [-350, 0.012],
    [-120, 0.03],
    [-20, 0.018],
    [120, 0.03],
    [220, 0.16],
    [700, 0.35],
  ],
  isMaximum: false,
  edges: null,
};

const bones: TransferFunction = {
  colour: [
    [100, 0.62, 0.45, 0.36],
    [250, 0.9, 0.82, 0.7],
    [800, 1, 0.98, 0.94],
  ],
  opacity: [
    [140, 0],
    [260, 0.35],
    [600, 0.9],
  ],
  isMaximum: false,
  edges: null,
};

const maximum = (low: number, high: number): TransferFunction => ({
  colour: greys(low, high),
  opacity: [
    [low, 0],
    [low + 0.15 * (high - low), 0.35],
    [high, 1],
  ],
  isMaximum: true,
  edges: null,
});

/** @param statistics  Of the rendered channel; scales projections of images without a fixed unit. */
export function transferFunctionOf(rendering: Exclude<Rendering, 'Surfaces only'>, { p50, p995 }: Statistics): TransferFunction {
  switch (rendering) {
    case 'CT-Soft-Tissue':
      return softTissue;
    case 'CT-Bones':
      return bones;
    case 'CT-MIP':
      return maximum(-100, 900);
    case 'PET-MIP':
      return maximum(0.3, 8);
    case 'MIP':
      return maximum(p50, Math.max(p995, p50 + 1e-6));
  }
}

/** Blue inside, near white on the surface, red outside: −1…1 of the legend's range. */
export const distanceColours = [
  [-1, 0.2, 0.42, 0.95],
  [-0.25, 0.62, 0.74, 0.95],
  [0, 0.93, 0.93, 0.93],
  [0.25, 0.97, 0.72, 0.66],
  [1, 0.93, 0.24, 0.2],
] as const;
