/** The spine (labelled) and the other bones and muscles of the trunk (not labelled). */
import type { Frame } from './frame';
import { clutter, type Layer, organ, part, where } from './layer';
import { lobe, type Patient } from './patient';
import { type Shape, tube, union, type Vector } from './shapes';

/** Height of one vertebra with its disc, mm. */
const vertebraMm = 31;

export function spine(patient: Patient): Layer[] {
  const { tissues, variation, scoliosisMm, kyphosisMm } = patient;
  const random = patient.random.fork('spine');
  const stout = Math.exp(0.08 * variation.size * random.normal());
  const offset = random.uniform(0, vertebraMm);
  const centre = (z: number): [number, number] => [
    scoliosisMm * Math.sin((Math.PI * z) / 330),
    -63 + 5 * Math.sin((z - 60) / 62) - kyphosisMm * Math.sin((Math.PI * z) / 400) - (z < 50 ? (50 - z) * 0.25 : 0),
  ];
  const column = (dy: number, width: number, depth: number): Shape => ({
    box: { low: [-80, -140, -80], high: [80, 20, 480] },
    depth(x, y, z) {
      const [cx, cy] = centre(z);
      const taper = stout * (1.12 - 0.3 * Math.min(1, Math.max(0, z / 400)));
      const [a, b] = [width * taper, depth * taper];
      const [u, v] = [(x - cx) / a, (y - cy - dy) / b];
      const k = Math.hypot(u, v);
      return k < 1e-6 ? Math.min(a, b) : (k * (1 - k)) / Math.hypot(u / a, v / b);
    },
  });
  const bodies = column(0, 23, 18);
  const inDisc = (_x: number, _y: number, z: number) =>
    4 - Math.abs(((((z + offset) % vertebraMm) + vertebraMm) % vertebraMm) - vertebraMm / 2);
  const arches = union([column(-25, 19, 10), column(-38, 6, 12)], 6);
  const sacrum = lobe(patient, 'sacrum', [0, -70, 30], [46, 17, 42], [0.3, 0, 0], { moveMm: 2, grow: 0.06, turn: 0.06, bumpMm: 1.5 });
  return [
    organ('spine', union([bodies, arches, sacrum], 5), tissues.corticalBone, 'skin'),
    { ...part(column(0, 19, 14.5), tissues.spongiosa), insetMm: 'skin' },
    {
      ...part(
        lobe(patient, 'sacral marrow', [0, -70, 30], [40, 12, 37], [0.3, 0, 0], { moveMm: 2, grow: 0.05, turn: 0.05, bumpMm: 1 }),
        tissues.spongiosa,
      ),
      insetMm: 'skin',
    },
    {
      ...part(
        where(bodies, (x, y, z) => (z < 55 ? -1 : inDisc(x, y, z))),
        tissues.disc,
      ),
      insetMm: 'skin',
    },
    { ...part(column(-22, 8, 7), tissues.muscle), insetMm: 'skin' },
  ];
}

/** Ribs, breast bone, pelvis and thigh heads. */
export function otherBones(patient: Patient, frame: Frame): Layer[] {
  const { tissues, variation } = patient;
  const random = patient.random.fork('bones');
  const period = 26 * Math.exp(0.06 * variation.size * random.normal());
  const offset = random.uniform(0, period);
  const slope = 0.45 + 0.08 * variation.shape * random.normal();
  const cage: Shape = {
    box: { low: [-170, -130, 150], high: [170, 130, 400] },
    depth(x, y, z) {
      const shell = 4.2 - Math.abs(frame.cavityDepth(x, y, z) + 3.5);
      if (shell < -6) return shell;
      const along = (((z + slope * y + offset) % period) + period) % period;
      // The cage is open below in front (costal arch) and closes at the sides.
      const lower = z - (165 + 0.4 * Math.max(0, y));
      return Math.min(shell, 6.5 - Math.abs(along - period / 2), lower);
    },
  };
  const sternum: Shape = {
    box: { low: [-30, 20, 225], high: [30, 140, 375] },
    depth: (x, y, z) => (y < 0 ? -10 : Math.min(6 - Math.abs(frame.cavityDepth(x, y, z) + 3), 15 - Math.abs(x), z - 232, 370 - z)),
  };
  const wing = (s: number) =>
    lobe(patient, `wing ${s}`, [s * 76, -30, 52], [10, 46, 46], [0.2, s * -0.3, s * 0.5], { moveMm: 3, grow: 0.06, turn: 0.06, bumpMm: 2 });
  const thigh = (s: number) => lobe(patient, `thigh ${s}`, [s * 84, 4, -2], [24, 24, 26], [0, 0, 0], { moveMm: 3 });
  const pubis = (s: number) =>
    tube(
      [
        [s * 8, 52, 2],
        [s * 44, 42, 8],
        [s * 78, 8, 16],
      ],
      [11, 9, 14],
    );
  return [
    clutter(cage, tissues.corticalBone, 'skin'),
    clutter(sternum, tissues.spongiosa, 'skin'),
    ...[1, -1].flatMap((s) => [
      clutter(wing(s), tissues.corticalBone, 'skin'),
      clutter(thigh(s), { ...tissues.spongiosa, hu: tissues.spongiosa.hu + 120 }, 'skin'),
      clutter(pubis(s), tissues.corticalBone, 'skin'),
    ]),
  ];
}

export function muscles(patient: Patient): Layer[] {
  const { muscle } = patient.tissues;
  const grow = Math.exp(0.15 * patient.variation.size * patient.random.fork('muscles').normal());
  const lean = (z: number) => patient.scoliosisMm * Math.sin((Math.PI * z) / 330);
  return [1, -1].flatMap((s) => {
    const psoas: Vector[] = [
      [s * 28 + lean(150), -52, 155],
      [s * 36 + lean(100), -46, 100],
      [s * 50, -25, 40],
      [s * 66, 18, -20],
    ];
    return [
      clutter(
        tube(
          psoas,
          [8, 15, 16, 14].map((r) => r * grow),
        ),
        muscle,
        'skin',
      ),
      clutter(
        tube(
          [
            [s * 28, -92, -60],
            [s * 30 + lean(120), -88, 120],
            [s * 28, -84, 460],
          ],
          [22, 20, 17].map((r) => r * grow),
        ),
        muscle,
        'skin',
      ),
      clutter(lobe(patient, `gluteus ${s}`, [s * 62, -72, 18], [46, 30, 52]), muscle, 'skin'),
    ];
  });
}
