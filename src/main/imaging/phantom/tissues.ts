/** Densities and uptakes of one patient: contrast phase moves many tissues together, uptake varies by person, and neighbours overlap on purpose. */
import type { Random } from '../../../shared/random';
import type { Variation } from './variation';

export interface Tissue {
  /** CT number in Hounsfield units. */
  hu: number;
  /** Standardised uptake value (body weight). */
  suv: number;
  /** Unevenness of the density inside, one standard deviation in HU. */
  grainHu: number;
}

/**
 * Typical CT numbers by contrast phase (native, arterial, portal venous, late) and uptake (median, spread of its logarithm).
 * Ranges as in radiology textbooks; phases change the ORDER of organs, so that no threshold finds one.
 */
const typical = {
  //               native  arterial venous  late   spread  SUV   spread  grain
  fat: { hu: [-100, -100, -98, -99], huSpread: 6, suv: 0.3, suvSpread: 0.2, grain: 6 },
  muscle: { hu: [52, 58, 64, 60], huSpread: 7, suv: 0.7, suvSpread: 0.25, grain: 9 },
  mediastinum: { hu: [-20, 5, 15, 5], huSpread: 25, suv: 0.8, suvSpread: 0.2, grain: 22 },
  lung: { hu: [-820, -815, -810, -815], huSpread: 45, suv: 0.4, suvSpread: 0.25, grain: 35 },
  liver: { hu: [57, 68, 108, 88], huSpread: 11, suv: 2.2, suvSpread: 0.22, grain: 6 },
  spleen: { hu: [48, 118, 118, 86], huSpread: 10, suv: 1.8, suvSpread: 0.25, grain: 6 },
  cortex: { hu: [33, 165, 175, 130], huSpread: 18, suv: 2.6, suvSpread: 0.35, grain: 9 },
  medulla: { hu: [31, 62, 150, 135], huSpread: 14, suv: 3.2, suvSpread: 0.5, grain: 9 },
  renalPelvis: { hu: [8, 12, 30, 260], huSpread: 12, suv: 7, suvSpread: 0.7, grain: 4 },
  arterialBlood: { hu: [43, 270, 145, 92], huSpread: 16, suv: 1.6, suvSpread: 0.2, grain: 4 },
  chamberBlood: { hu: [43, 210, 140, 92], huSpread: 16, suv: 1.6, suvSpread: 0.2, grain: 6 },
  venousBlood: { hu: [42, 70, 140, 95], huSpread: 16, suv: 1.6, suvSpread: 0.2, grain: 8 },
  heartWall: { hu: [48, 85, 105, 82], huSpread: 8, suv: 3, suvSpread: 0.8, grain: 6 },
  urine: { hu: [6, 6, 9, 120], huSpread: 6, suv: 9, suvSpread: 0.9, grain: 3 },
  bladderWall: { hu: [38, 45, 60, 58], huSpread: 7, suv: 1.2, suvSpread: 0.2, grain: 4 },
  stomachWall: { hu: [42, 75, 90, 75], huSpread: 12, suv: 1.8, suvSpread: 0.4, grain: 8 },
  stomachContent: { hu: [25, 25, 25, 25], huSpread: 28, suv: 0.8, suvSpread: 0.3, grain: 18 },
  bowelWall: { hu: [40, 70, 88, 72], huSpread: 15, suv: 1.5, suvSpread: 0.55, grain: 14 },
  bowelContent: { hu: [25, 25, 28, 30], huSpread: 30, suv: 1.1, suvSpread: 0.6, grain: 22 },
  gallbladder: { hu: [10, 10, 12, 14], huSpread: 8, suv: 0.6, suvSpread: 0.3, grain: 3 },
  pancreas: { hu: [42, 95, 98, 78], huSpread: 12, suv: 1.5, suvSpread: 0.2, grain: 15 },
  spongiosa: { hu: [170, 175, 185, 180], huSpread: 45, suv: 1.5, suvSpread: 0.4, grain: 35 },
  corticalBone: { hu: [520, 520, 520, 520], huSpread: 90, suv: 0.9, suvSpread: 0.25, grain: 70 },
  disc: { hu: [85, 85, 90, 90], huSpread: 15, suv: 0.9, suvSpread: 0.2, grain: 8 },
  effusion: { hu: [10, 12, 14, 14], huSpread: 7, suv: 0.8, suvSpread: 0.2, grain: 3 },
  lesion: { hu: [42, 70, 82, 70], huSpread: 20, suv: 8, suvSpread: 0.6, grain: 12 },
  cyst: { hu: [8, 8, 9, 10], huSpread: 5, suv: 0.5, suvSpread: 0.2, grain: 3 },
  brownFat: { hu: [-80, -78, -76, -78], huSpread: 8, suv: 5, suvSpread: 0.5, grain: 8 },
  gas: { hu: [-920, -920, -920, -920], huSpread: 40, suv: 0.3, suvSpread: 0.1, grain: 10 },
  air: { hu: [-1000, -1000, -1000, -1000], huSpread: 0, suv: 0, suvSpread: 0, grain: 0 },
  table: { hu: [-180, -180, -180, -180], huSpread: 60, suv: 0, suvSpread: 0, grain: 25 },
} as const satisfies Record<string, { hu: readonly number[]; huSpread: number; suv: number; suvSpread: number; grain: number }>;

export type TissueName = keyof typeof typical;
export type Tissues = Record<TissueName, Tissue>;

/** Shares of native, arterial, venous and late scans; without variation all are venous. */
const phaseShares = [0.3, 0.2, 0.33, 0.17];
const venous = 2;

/** Draws the densities and uptakes of one patient. */
export function drawTissues(random: Random, { contrast, uptake }: Variation): Tissues {
  const phase = random.uniform() < contrast ? pickByShare(phaseShares, random.uniform()) : venous;
  // A scan is never exactly on time: lean towards the next phase, except from native, where nothing was injected.
  const lean = phase === 0 ? 0 : Math.min(1, contrast) * random.uniform(0, 0.45);
  const dose = Math.exp(0.16 * contrast * random.normal());
  const steatosis = random.uniform() < 0.22 * contrast ? -random.uniform(15, 50) : 0;
  const people = random.fork('people');
  const habits = drawHabits(random.fork('habits'), uptake);
  const drawn = Object.entries(typical).map(([name, t]) => {
    const own = people.fork(name);
    const later = t.hu[Math.min(3, phase + 1)];
    const enhanced = t.hu[phase] * (1 - lean) + later * lean - t.hu[0];
    const hu = t.hu[0] + enhanced * dose + contrast * t.huSpread * own.normal() + (name === 'liver' ? steatosis : 0);
    const suv = t.suv * Math.exp(uptake * t.suvSpread * own.normal()) * (habits[name as TissueName] ?? 1);
    return [name, { hu: Math.max(-1000, hu), suv, grainHu: t.grain }] as const;
  });
  const tissues = Object.fromEntries(drawn) as Tissues;
  // One blood: its uptake is the same wherever it flows.
  tissues.chamberBlood.suv = tissues.arterialBlood.suv;
  tissues.venousBlood.suv = tissues.arterialBlood.suv;
  return tissues;
}

/** What a person did before the scan: meal, sugar, exercise, a visit to the bathroom, medication. Factors on the typical uptake. */
function drawHabits(random: Random, uptake: number): Partial<Record<TissueName, number>> {
  const often = (name: string, probability: number) => random.fork(name).uniform() < probability * Math.min(1.4, uptake);
  return {
    heartWall: often('fasted', 0.5) ? 0.5 : 2.2,
    urine: often('voided', 0.4) ? 0.25 : 1.6,
    renalPelvis: often('washed out', 0.35) ? 0.4 : 1,
    bowelWall: often('metformin', 0.25) ? 4 : 1,
    muscle: often('exercise', 0.15) ? 2.2 : 1,
    spongiosa: often('stimulated marrow', 0.12) ? 2.8 : 1,
    spleen: often('stimulated spleen', 0.12) ? 2 : 1,
    liver: often('late scan', 0.2) ? 0.7 : 1,
    stomachWall: often('gastritis', 0.2) ? 2.5 : 1,
  };
}

function pickByShare(shares: readonly number[], at: number): number {
  let sum = 0;
  for (let n = 0; n < shares.length; n++) {
    sum += shares[n];
    if (at < sum) return n;
  }
  return shares.length - 1;
}
