/** Liver, spleen, kidneys and bladder: the labelled organs of the abdomen and pelvis. */
import { clutter, grownBy, type Layer, organ, part } from './layer';
import { hasOddity, lobe, type Patient } from './patient';
import { union, type Vector, without } from './shapes';

export function liver(patient: Patient): Layer[] {
  const { tissues, variation, diaphragmMm: up } = patient;
  const random = patient.random.fork('liver');
  const big = hasOddity(patient, 'large liver', 0.12) ? 1.12 : hasOddity(patient, 'small liver', 0.1) ? 0.88 : 1;
  const size = (a: number, b: number, c: number): Vector => [a * big, b * big, c * big];
  // The left lobe ends anywhere between the midline and the spleen; a Riedel lobe hangs down to the pelvis.
  const reach = 44 + 14 * variation.shape * random.normal();
  const left = lobe(patient, 'left liver', [8 - 0.4 * reach, 36, 192 + up], size(Math.max(26, reach), 30, 30), [0.1, 0.15, 0.1], {
    moveMm: 5,
    bumpMm: 3.5,
  });
  const right = lobe(patient, 'right liver', [57, 4, 178 + up], size(56, 66, 57), [0.1, 0, 0], { moveMm: 5, grow: 0.08, bumpMm: 4 });
  const lobes = [right, left];
  if (hasOddity(patient, 'Riedel lobe', 0.12)) lobes.push(lobe(patient, 'Riedel lobe', [78, 10, 120 + up], [24, 34, 48]));
  const gallbladder = lobe(patient, 'gallbladder', [36, 40, 146 + up], [13, 14, 25], [0.3, 0, 0], { grow: 0.25, bumpMm: 1 });
  const veins = lobe(patient, 'liver veins', [40, 0, 195 + up], [26, 4, 6], [0, 0.4, 0.2], { moveMm: 8 });
  return [
    organ('liver', union(lobes, 14), tissues.liver),
    part(veins, tissues.venousBlood),
    ...(hasOddity(patient, 'no gallbladder', 0.15) ? [] : [clutter(gallbladder, tissues.gallbladder)]),
  ];
}

export function spleen(patient: Patient): Layer[] {
  if (hasOddity(patient, 'spleen removed', 0.04)) return [];
  const { tissues, diaphragmMm: up } = patient;
  const big = hasOddity(patient, 'large spleen', 0.14) ? 1.3 : 1;
  const body = lobe(patient, 'spleen', [-77, -33, 184 + 0.8 * up], [30 * big, 49 * big, 44 * big], [-0.35, -0.15, 0.25], {
    moveMm: 7,
    grow: 0.11,
    turn: 0.25,
  });
  // The hilum hollows the side that faces the stomach.
  const hollow = lobe(patient, 'splenic hilum', [-46, -14, 184 + 0.8 * up], [18, 28, 26], [0, 0, 0.2]);
  return [organ('spleen', without(body, hollow), tissues.spleen)];
}

export function kidneys(patient: Patient): Layer[] {
  const { tissues, diaphragmMm: up, variation } = patient;
  const lost = patient.random.fork('lost kidney').uniform() < 0.5 ? 'right' : 'left';
  const isOneMissing = hasOddity(patient, 'missing kidney', 0.1);
  return (['right', 'left'] as const).flatMap((side): Layer[] => {
    if (isOneMissing && side === lost) return [];
    const random = patient.random.fork(`${side} kidney`);
    const s = side === 'right' ? 1 : -1;
    const fallen = hasOddity(patient, `${side} ptosis`, 0.1) ? random.uniform(28, 55) : 0;
    // A single kidney grows.
    const big = (isOneMissing ? 1.14 : 1) * Math.exp(0.06 * variation.size * random.normal());
    const centre: Vector = [
      s * (56 + 4 * variation.shape * random.normal()),
      -44 + 0.18 * fallen + 4 * variation.shape * random.normal(),
      (side === 'right' ? 112 : 126) + 0.5 * up - fallen + 9 * variation.shape * random.normal(),
    ];
    const turn: Vector = [0.15, s * 0.22 + 0.12 * variation.shape * random.normal(), s * 0.35];
    const still = { moveMm: 1, grow: 0.04, turn: 0.05, bumpMm: 1.6 };
    const bean = lobe(patient, `${side} kidney`, centre, [30 * big, 27 * big, 55 * big], turn, still);
    const sinus: Vector = [centre[0] - s * 15 * big, centre[1] + 4, centre[2]];
    const hilum = lobe(patient, `${side} hilum`, [centre[0] - s * 32 * big, centre[1] + 7, centre[2]], [13, 12, 16], [0, 0, 0], still);
    const layers = [
      clutter(grownBy(bean, 8), tissues.fat, 0),
      organ(`kidney_${side}`, without(bean, hilum), tissues.cortex, -4),
      part(lobe(patient, `${side} medulla`, centre, [19 * big, 16 * big, 41 * big], turn, still), tissues.medulla),
      part(without(lobe(patient, `${side} renal pelvis`, sinus, [9, 9, 19], turn, { ...still, grow: 0.25 }), hilum), tissues.renalPelvis),
    ];
    if (hasOddity(patient, `${side} cyst`, 0.22)) {
      const from: Vector = [centre[0] + s * 16, centre[1] - 4, centre[2] + random.uniform(-40, 40)];
      layers.push({
        ...organ(`kidney_${side}`, lobe(patient, `${side} cyst`, from, [16, 16, 16], [0, 0, 0], { grow: 0.3, moveMm: 5 }), tissues.cyst),
        insetMm: 0,
      });
    }
    return layers;
  });
}

export function bladder(patient: Patient): Layer[] {
  const { tissues, variation } = patient;
  const random = patient.random.fork('bladder');
  const fill = Math.max(0.93, 1.05 * Math.exp(0.17 * variation.size * random.normal()));
  const lean = 0.2 * variation.shape * random.normal();
  const centre: Vector = [6 * variation.shape * random.normal(), 20 + 4 * variation.shape * random.normal(), 40 + 10 * fill];
  const whole = lobe(patient, 'bladder', centre, [38 * fill, 31 * fill, 30 * fill * fill ** 0.5], [lean, 0, lean], {
    moveMm: 2,
    grow: 0.05,
    bumpMm: 2,
  });
  return [organ('bladder', whole, tissues.bladderWall), part(grownBy(whole, -3.5), tissues.urine)];
}
