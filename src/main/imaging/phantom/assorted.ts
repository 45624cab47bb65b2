/**
 * Bodies seen by the same two scanners as the torsos, and nothing like them: lumps, beans, tubes and columns of any tissue in any place, or an anatomy
 * invented for the occasion. What the demo's teachers are trained on, so that they know what an object is and not what a torso looks like.
 */
import type { Grid } from '../../../shared/geometry';
import { once } from '../../../shared/once';
import { type Random, random } from '../../../shared/random';
import { creature } from './creature';
import { smoothField } from './fields';
import { lumps } from './lumps';
import { ctScan, petScan } from './scanners';
import { type Layers, reach } from './things';
import { variations } from './variation';

/** Edge of the cube and of a voxel. */
export const assortedSide = 64;
export const assortedSpacingMm = (2 * reach) / assortedSide;
const spacing = assortedSpacingMm;

export interface AssortedBody {
  grid: Grid;
  /** Hounsfield units and SUV, i fastest. */
  ct: Int16Array;
  pet: Float32Array;
  /** 1… for every object that still shows, 0 elsewhere. */
  objects: Uint8Array;
}

/** Makes body `number` of family `seed`; the same arguments give the same voxels. A scan is made when it is first asked for. */
export function assortedBody(seed: number, number: number): AssortedBody {
  const stream = random(seed).fork(`assorted ${number}`);
  const grid = cube();
  const draw = stream.fork('kind').uniform() < 0.7 ? creature : lumps;
  const scene = paint(grid, stream.fork('scene'), draw(stream.fork('layers')));
  const noise = { ...variations.default, noise: stream.fork('noise').uniform(0.5, 1.3) };
  const ct = once(() => ctScan(scene, grid, stream.fork('ct'), noise));
  const pet = once(() => petScan(scene, grid, stream.fork('pet'), noise));
  return {
    grid,
    get ct() {
      return ct();
    },
    get pet() {
      return pet();
    },
    objects: scene.label,
  };
}

function cube(): Grid {
  const start = spacing / 2 - reach;
  return {
    size: [assortedSide, assortedSide, assortedSide],
    affine: [spacing, 0, 0, start, 0, spacing, 0, start, 0, 0, spacing, start, 0, 0, 0, 1],
  };
}

/** The scene before any scanner looked: walls in air, or flesh everywhere, then things, with partial volume at every edge. */
function paint(grid: Grid, stream: Random, { walls, things }: Layers) {
  const count = assortedSide ** 3;
  const hu = new Float32Array(count).fill(-1000);
  const suv = new Float32Array(count);
  const label = new Uint8Array(count);
  const shifts = [0, 1, 2].map((axis) => smoothField(grid.size, 14, stream.fork(`shift ${axis}`)));
  const [fine, coarse] = [smoothField(grid.size, 1.6, stream.fork('fine')), smoothField(grid.size, 5, stream.fork('coarse'))];
  const wobble = stream.uniform(2, 7);
  const edge = 0.55 * spacing;
  const [xs, ys, zs] = shifts.map((shift, axis) =>
    Float64Array.from(
      shift,
      (by, n) => spacing / 2 - reach + spacing * (Math.floor(n / assortedSide ** axis) % assortedSide) + wobble * by,
    ),
  );

  const innermost = walls[walls.length - 1].shape;
  for (const { shape, tissue, object } of [...walls.map((wall) => ({ ...wall, object: 0 })), ...things]) {
    const slack = 4 * wobble + 2 * edge;
    const from = shape.box.low.map((mm) => Math.max(0, Math.floor((mm - slack + reach) / spacing)));
    const to = shape.box.high.map((mm) => Math.min(assortedSide, Math.ceil((mm + slack + reach) / spacing)));
    for (let k = from[2]; k < to[2]; k++) {
      for (let j = from[1]; j < to[1]; j++) {
        const row = assortedSide * (j + assortedSide * k);
        for (let n = row + from[0]; n < row + to[0]; n++) {
          const own = shape.depth(xs[n], ys[n], zs[n]);
          if (own <= -edge) continue;
          const depth = object === 0 ? own : Math.min(own, innermost.depth(xs[n], ys[n], zs[n]));
          if (depth <= -edge) continue;
          const share = Math.min(1, (depth + edge) / (2 * edge));
          hu[n] += share * (tissue.hu + tissue.grainHu * (0.75 * fine[n] + 0.65 * coarse[n]) - hu[n]);
          suv[n] += share * (tissue.suv * (1 + 0.08 * coarse[n]) - suv[n]);
          if (object !== 'keep' && depth > 0) label[n] = object;
        }
      }
    }
  }
  return { hu, suv, label };
}
