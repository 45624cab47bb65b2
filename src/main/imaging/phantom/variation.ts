/** How different phantom patients may be from each other: one strength per cause, so that a study can be made easier or harder on purpose. */

/** Strengths; 0 switches a cause off, 1 is the default spread, larger is wilder. */
export interface Variation {
  /** Tilt, shift, scan start, spine curvature. */
  pose: number;
  /** Body size, girth and organ sizes. */
  size: number;
  /** Organ positions, rotations and surface bumps; smooth deformation of the whole body. */
  shape: number;
  /** Spread of contrast phase and of tissue densities around their phase. */
  contrast: number;
  /** Spread of tracer uptake. */
  uptake: number;
  /** Bowel, hot spots, lesions and other things without a label. */
  clutter: number;
  /** Frequency of missing, enlarged or displaced organs and of effusions. */
  abnormality: number;
  /** CT noise and PET counting noise. */
  noise: number;
}

const all = (strength: number): Variation => ({
  pose: strength,
  size: strength,
  shape: strength,
  contrast: strength,
  uptake: strength,
  clutter: strength,
  abnormality: strength,
  noise: strength,
});

/** Named settings. `default` is what the demo project is made of. */
export const variations = {
  easier: { ...all(0.6), noise: 0.8 },
  default: all(1),
  harder: { ...all(1.35), noise: 1.2 },
} satisfies Record<string, Variation>;
