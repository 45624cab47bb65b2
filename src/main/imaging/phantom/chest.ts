/** Lungs, heart, great vessels and airways. */
import { clutter, type Layer, organ, part, where } from './layer';
import { hasOddity, lobe, type Patient } from './patient';
import { smoothPath, tube, union, type Vector, without } from './shapes';

export function lungs(patient: Patient): Layer[] {
  const { tissues, diaphragmMm: up } = patient;
  return (['right', 'left'] as const).flatMap((side): Layer[] => {
    const s = side === 'right' ? 1 : -1;
    const calm = { moveMm: 3.5, grow: 0.05, turn: 0.07, bumpMm: 2 };
    const small = side === 'left' ? 0.95 : 1;
    const lung = union(
      [
        lobe(patient, `${side} lower lung`, [s * 62, -8, 252 + 0.6 * up], [43 * small, 68 * small, 76], [0.12, 0, 0], calm),
        lobe(patient, `${side} upper lung`, [s * 53, -2, 318 + 0.2 * up], [38 * small, 56, 70], [0, s * -0.12, 0], calm),
      ],
      18,
    );
    const layers = [organ(`lung_${side}`, lung, tissues.lung, 4)];
    const random = patient.random.fork(`${side} chest`);
    if (hasOddity(patient, `${side} effusion`, 0.1)) {
      const level = random.uniform(-45, -15);
      layers.push(
        clutter(
          where(lung, (_x, y, z) => level - y - 0.45 * (z - 230)),
          tissues.effusion,
          4,
        ),
      );
    }
    if (hasOddity(patient, `${side} consolidation`, 0.12)) {
      const centre: Vector = [s * random.uniform(50, 80), random.uniform(-40, 25), random.uniform(240, 330)];
      const blob = lobe(patient, `${side} consolidation`, centre, [16, 18, 20], [0, 0, 0], { grow: 0.25, bumpMm: 5 });
      layers.push(part(where(lung, blob.depth), { hu: random.uniform(-350, 30), suv: random.uniform(1, 4), grainHu: 60 }));
    }
    return layers;
  });
}

/** The whole heart is one structure: walls and chambers, blood as bright as the contrast phase makes it. */
export function heart(patient: Patient): Layer[] {
  const { tissues, diaphragmMm: up } = patient;
  const big = hasOddity(patient, 'large heart', 0.12) ? 1.16 : 1;
  const random = patient.random.fork('heart');
  const strength = patient.variation.shape;
  const at: Vector = [
    -18 + 7 * strength * random.normal(),
    20 + 4 * strength * random.normal(),
    258 + 0.7 * up + 5 * strength * random.normal(),
  ];
  const turn: Vector = [0.2, 0.35 + 0.2 * strength * random.normal(), 0.5 + 0.25 * strength * random.normal()];
  const still = { moveMm: 2, grow: 0.06, turn: 0.08, bumpMm: 1.5 };
  const near = (x: number, y: number, z: number): Vector => [at[0] + big * x, at[1] + big * y, at[2] + big * z];
  const size = (a: number, b: number, c: number): Vector => [a * big, b * big, c * big];
  const atria = lobe(patient, 'atria', near(8, -14, 24), size(31, 21, 22), [0, 0, 0.2], still);
  return [
    clutter(lobe(patient, 'heart fat', near(2, 4, 0), size(53, 43, 50), turn, still), tissues.fat),
    organ('heart', union([lobe(patient, 'heart', near(0, 2, 0), size(47, 37, 44), turn, still), atria], 10), tissues.heartWall),
    part(lobe(patient, 'left chamber', near(-14, -2, -6), size(17, 16, 25), [0, 0.6, 0.5], still), tissues.chamberBlood),
    part(lobe(patient, 'right chamber', near(17, 14, -4), size(18, 13, 26), [0, 0.4, 0.5], still), tissues.chamberBlood),
    part(lobe(patient, 'atrial blood', near(8, -14, 24), size(27, 16, 17), [0, 0, 0.2], still), tissues.chamberBlood),
  ];
}

/** Root, arch and descending aorta to its fork, with the iliac arteries as unlabelled look-alikes. */
export function aorta(patient: Patient): Layer[] {
  const { tissues, variation } = patient;
  const random = patient.random.fork('aorta');
  const wander = () => 3.5 * variation.shape * random.normal();
  const tortuous = hasOddity(patient, 'tortuous aorta', 0.2) ? 14 : 4 * variation.shape;
  const swing = random.uniform(0, 2 * Math.PI);
  const bend = (z: number) => tortuous * Math.sin(z / 38 + swing) * Math.max(0, 1 - Math.abs(z - 170) / 130);
  const spine = (z: number) => patient.scoliosisMm * Math.sin((Math.PI * z) / 330);
  const arch = 346 + 6 * variation.shape * random.normal();
  const down = [315, 275, 235, 195, 155, 115, 78].map((z, n): Vector => [-21 + 2.6 * n + bend(z) + spine(z) + wander() * 0.5, -30 + n, z]);
  const points: Vector[] = [
    [-8 + wander(), 16, 286],
    [7 + wander(), 20, 308],
    [8 + wander(), 13, arch - 12],
    [-2 + wander(), -4, arch],
    [-14, -20, arch - 6],
    ...down,
  ];
  const radius = Math.min(17, Math.max(11.8, 13.4 * Math.exp(0.11 * variation.size * random.normal())));
  const aneurysm = hasOddity(patient, 'aneurysm', 0.07) ? { z: random.uniform(100, 180), mm: random.uniform(6, 12) } : null;
  const path = smoothPath(points, 3);
  const wide = path.map(([, y, z], n) => {
    const ascending = n < 8 && y > 0 ? 1.15 : 1;
    const bulge = aneurysm ? aneurysm.mm * Math.exp(-(((z - aneurysm.z) / 22) ** 2)) : 0;
    return Math.max(11.2, radius * ascending * (z < 150 && n > 8 ? 0.92 : 1)) + bulge;
  });
  const fork = points[points.length - 1];
  const iliac = (s: number) =>
    tube(smoothPath([fork, [fork[0] + s * 18, -26, 52], [s * 44, -22, 18], [s * 52, 5, -10]], 3), Array(10).fill(7.5));
  return [clutter(union([iliac(1), iliac(-1)]), tissues.arterialBlood), organ('aorta', tube(path, wide), tissues.arterialBlood, 'skin')];
}

/** Veins, pulmonary arteries and airways: as bright, as round or as dark as what is labelled, and not labelled. */
export function otherVessels(patient: Patient): Layer[] {
  const { tissues, variation, diaphragmMm: up } = patient;
  const random = patient.random.fork('vessels');
  const w = () => 3 * variation.shape * random.normal();
  const r = (mm: number) => mm * Math.exp(0.15 * variation.size * random.normal());
  const cava: Vector[] = [
    [14 + w(), -24, 70],
    [19 + w(), -22, 110],
    [20 + w(), -20, 160],
    [20, -8 + w(), 205 + up],
    [14, 4, 240 + up],
  ];
  const upper: Vector[] = [
    [18 + w(), 4, 290],
    [20 + w(), 4, 330],
    [18, 8, 372],
    [8, 14, 410],
  ];
  const trunk: Vector[] = [
    [-14 + w(), 24, 288],
    [-12, 12, 306],
    [-8 + w(), -4, 316],
  ];
  const vein = (path: readonly Vector[], mm: number) => {
    const smooth = smoothPath(path, 3);
    return tube(
      smooth,
      smooth.map(() => mm),
    );
  };
  return [
    clutter(vein(cava, r(11)), tissues.venousBlood),
    clutter(
      vein(
        [
          [14, -24, 72],
          [32, -28, 45],
          [46, -26, 10],
        ],
        r(8),
      ),
      tissues.venousBlood,
    ),
    clutter(
      vein(
        [
          [14, -24, 72],
          [-18, -32, 50],
          [-42, -30, 12],
        ],
        r(8),
      ),
      tissues.venousBlood,
    ),
    clutter(vein(upper, r(9)), tissues.venousBlood),
    clutter(vein(trunk, r(12)), tissues.venousBlood),
    clutter(
      vein(
        [
          [-36, -8 + w(), 318],
          [-8, -6, 316],
          [34, -10 + w(), 312],
        ],
        r(9),
      ),
      tissues.venousBlood,
    ),
    clutter(
      vein(
        [
          [0, -12, 420],
          [2 + w(), -12, 370],
          [2, -14, 332],
        ],
        r(8),
      ),
      tissues.gas,
    ),
    clutter(
      without(
        vein(
          [
            [-30, -16, 302],
            [2, -14, 334],
            [28, -16, 306],
          ],
          r(6),
        ),
        vein(trunk, 12),
      ),
      tissues.gas,
    ),
    clutter(
      vein(
        [
          [-2, -24, 410],
          [-4 + w(), -22, 330],
          [-6, -14, 260],
          [-22, 2, 222 + up],
        ],
        r(7),
      ),
      tissues.bowelWall,
    ),
  ];
}
