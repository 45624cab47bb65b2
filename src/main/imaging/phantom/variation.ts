/** How different phantom patients may be from each other: one strength per cause, so that a study can be made easier or harder on purpose. */
import type { PhantomVariation } from '../../../shared/domain';

/** Strengths; 0 switches a cause off, 1 is a moderate spread, larger is wilder. */
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

/**
 * Named settings. `default` is what the demo project is made of: patients differ more than scans are noisy, so that what a student lacks is
 * patients with labels (docs/studies/regime.md).
 */
export const variations = {
  easier: all(1),
  default: { pose: 1.35, size: 1.35, shape: 1.4, contrast: 1.7, uptake: 1.7, clutter: 1, abnormality: 1.2, noise: 0.8 },
  harder: { pose: 1.5, size: 1.5, shape: 1.6, contrast: 2, uptake: 2, clutter: 1.3, abnormality: 1.5, noise: 1.2 },
} satisfies Record<PhantomVariation, Variation>;
