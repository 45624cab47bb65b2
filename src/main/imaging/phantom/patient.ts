/** One phantom patient: the random streams and strengths every organ is drawn from, and what organs share (breath, contrast phase). */
import type { Random } from '../../../shared/random';
import { bumpy, ellipsoid, type Shape, type Vector } from './shapes';
import { drawTissues, type Tissues } from './tissues';
import type { Variation } from './variation';

export interface Patient {
  random: Random;
  variation: Variation;
  tissues: Tissues;
  /** How far the diaphragm, and what hangs on it, lies above its usual height, in mm. */
  diaphragmMm: number;
  /** Sideways bend and hunch of the spine, in mm. */
  scoliosisMm: number;
  kyphosisMm: number;
}

export function drawPatient(random: Random, variation: Variation): Patient {
  const posture = random.fork('posture');
  return {
    random,
    variation,
    tissues: drawTissues(random.fork('tissues'), variation),
    diaphragmMm: variation.pose * 10 * posture.normal(),
    scoliosisMm: variation.pose * 7 * posture.normal(),
    kyphosisMm: variation.pose * 6 * posture.normal(),
  };
}

/** How an organ's blueprint is varied. */
export interface Spread {
  /** Standard deviation of the centre, per axis in mm. */
  moveMm?: number;
  /** Standard deviation of the logarithm of the size. */
  grow?: number;
  /** Standard deviation of each turn in radians. */
  turn?: number;
  /** Height of surface bumps in mm. */
  bumpMm?: number;
}

/** An ellipsoidal organ of this patient: the blueprint moved, grown, turned and made uneven. The stream depends on `name` only. */
export function lobe(patient: Patient, name: string, centre: Vector, radii: Vector, turn: Vector = [0, 0, 0], spread: Spread = {}): Shape {
  const random = patient.random.fork(`lobe ${name}`);
  const { shape, size } = patient.variation;
  const { moveMm = 6, grow = 0.1, turn: swing = 0.15, bumpMm = 2.5 } = spread;
  const growth = Math.exp(size * grow * random.normal());
  const moved = centre.map((x) => x + shape * moveMm * random.normal()) as unknown as Vector;
  const grown = radii.map((r) => r * growth * Math.exp(0.06 * shape * random.normal())) as unknown as Vector;
  const turned = turn.map((angle) => angle + shape * swing * random.normal()) as unknown as Vector;
  return bumpy(ellipsoid(moved, grown, turned), shape * bumpMm, random.fork('surface'));
}

/** True now and then: `probability` is meant for an abnormality strength of 1. */
export const hasOddity = (patient: Patient, name: string, probability: number): boolean =>
  patient.random.fork(`oddity ${name}`).uniform() < Math.min(0.5, probability * patient.variation.abnormality);
