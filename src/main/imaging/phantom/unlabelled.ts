/** What makes a torso hard to read and has no label: stomach, bowel, pancreas, pelvic organs, lesions and other hot spots. */
import { clutter, grownBy, type Layer, part, where } from './layer';
import { hasOddity, lobe, type Patient } from './patient';
import { smoothPath, tube, union, type Vector } from './shapes';

export function stomach(patient: Patient): Layer[] {
  const { tissues, diaphragmMm: up, variation } = patient;
  const random = patient.random.fork('stomach');
  const fill = Math.exp(0.18 * variation.clutter * random.normal());
  const bag = union(
    [
      lobe(patient, 'fundus', [-56, 6, 196 + up], [30 * fill, 32 * fill, 33 * fill]),
      lobe(patient, 'stomach body', [-42, 36, 158 + 0.8 * up], [26 * fill, 24 * fill, 40 * fill], [0.2, -0.3, 0]),
    ],
    14,
  );
  const inside = grownBy(bag, -4.5);
  const level = random.uniform(25, 75);
  return [
    clutter(bag, tissues.stomachWall),
    clutter(inside, tissues.stomachContent),
    clutter(
      where(inside, (_x, y) => y - level),
      tissues.gas,
    ),
    clutter(
      tube(
        smoothPath(
          [
            [34, 6, 142],
            [14, 10, 158 + 0.5 * up],
            [-20, 4, 164 + 0.5 * up],
            [-56, -12, 176 + 0.6 * up],
          ],
          3,
        ),
        Array(10).fill(11),
      ),
      tissues.pancreas,
    ),
  ];
}

export function bowel(patient: Patient): Layer[] {
  const { tissues, variation } = patient;
  const random = patient.random.fork('bowel');
  const w = (mm = 9) => mm * variation.clutter * random.normal();
  const layers: Layer[] = [];
  const loops = Math.round(13 * Math.min(1.6, 0.5 + 0.5 * variation.clutter) + random.uniform(0, 4));
  for (let n = 0; n < loops; n++) {
    const from: Vector = [random.uniform(-62, 62), random.uniform(-8, 55), random.uniform(48, 138)];
    const step = () => random.uniform(-34, 34);
    const path = smoothPath(
      [
        from,
        [from[0] + step(), from[1] + step() / 2, from[2] + step() / 2],
        [from[0] + step(), from[1] + step() / 2, from[2] + step() / 2],
      ],
      2,
    );
    const radius = random.uniform(9, 14);
    layers.push(
      clutter(
        tube(
          path,
          path.map(() => radius),
        ),
        tissues.bowelWall,
        2,
      ),
    );
    const content = random.uniform() < 0.25 ? tissues.gas : { ...tissues.bowelContent, hu: tissues.bowelContent.hu + 18 * random.normal() };
    if (random.uniform() < 0.6)
      layers.push(
        clutter(
          tube(
            path,
            path.map(() => radius - 5),
          ),
          content,
          2,
        ),
      );
  }
  const colon: Vector[] = [
    [74 + w(), 14 + w(), 42],
    [82 + w(4), 6 + w(), 84],
    [80 + w(), 22 + w(), 122 + w()],
    [40 + w(), 52, 118 + w(14)],
    [-6 + w(), 58, 108 + w(18)],
    [-52 + w(), 48, 128 + w(12)],
    [-84 + w(4), 4 + w(), 136 + w()],
    [-86 + w(4), 0 + w(), 92],
    [-80 + w(), 14 + w(), 50],
    [-44 + w(), 22 + w(), 44 + w()],
    [-10 + w(), -22, 62 + w()],
    [0, -42, 30],
    [0, -44, -20],
  ];
  const path = smoothPath(colon, 3);
  const wide = path.map((_, n) => 14 + 3.5 * Math.sin(n * 1.9) + 2 * random.normal() * Math.min(1.3, variation.clutter));
  layers.push(clutter(tube(path, wide), tissues.bowelWall, 1));
  // The content changes every few centimetres: stool, fluid, gas.
  for (let n = 0; n + 3 < path.length; n += 3) {
    const kind = random.uniform();
    const content =
      kind < 0.4 ? tissues.gas : { ...tissues.bowelContent, hu: tissues.bowelContent.hu - 30 + 40 * random.normal(), grainHu: 60 };
    layers.push(
      clutter(
        tube(
          path.slice(n, n + 4),
          wide.slice(n, n + 4).map((r) => r - 4.5),
        ),
        content,
        1,
      ),
    );
  }
  return layers;
}

export function pelvis(patient: Patient): Layer[] {
  const { tissues } = patient;
  const isFemale = patient.random.fork('sex').uniform() < 0.5;
  if (!isFemale) return [clutter(lobe(patient, 'prostate', [0, 8, 10], [24, 20, 20]), tissues.muscle)];
  const soft = { hu: (tissues.muscle.hu + tissues.spleen.hu) / 2, suv: tissues.bowelWall.suv, grainHu: 10 };
  return [clutter(lobe(patient, 'uterus', [0, -16, 52], [27, 22, 30], [0.5, 0, 0], { grow: 0.2, moveMm: 8 }), soft)];
}

/** Breasts change the outline of half of the patients. Painted before everything inside. */
export function breasts(patient: Patient): Layer[] {
  if (patient.random.fork('sex').uniform() >= 0.5) return [];
  return [1, -1].map((s) =>
    clutter(lobe(patient, `breast ${s}`, [s * 54, 80, 268], [44, 32, 42], [0, 0, s * 0.5], { grow: 0.2 }), patient.tissues.fat, 'free'),
  );
}

/** Lesions, warm nodes and brown fat: bright in PET, part of whatever they lie in. */
export function hotSpots(patient: Patient): Layer[] {
  const { tissues, variation } = patient;
  const random = patient.random.fork('hot spots');
  const layers: Layer[] = [];
  const count = random.poisson(1.4 * variation.clutter);
  for (let n = 0; n < count; n++) {
    const centre: Vector = [random.uniform(-80, 80), random.uniform(-60, 55), random.uniform(30, 380)];
    const radius = random.uniform(6, 13);
    const lesion = lobe(patient, `lesion ${n}`, centre, [radius, radius, radius], [0, 0, 0], { moveMm: 0, grow: 0.15 });
    layers.push(part(lesion, { ...tissues.lesion, suv: tissues.lesion.suv * random.uniform(0.5, 1.6) }));
  }
  if (hasOddity(patient, 'brown fat', 0.14)) {
    for (const s of [1, -1])
      layers.push(
        part(
          tube(
            [
              [s * 40, -24, 400],
              [s * 52, -16, 365],
            ],
            [11, 8],
          ),
          tissues.brownFat,
        ),
      );
  }
  return layers;
}
