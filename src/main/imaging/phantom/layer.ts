/** A painted layer: one shape of one tissue, and what it does to the label below it. */
import type { Shape, Vector } from './shapes';
import { labelOf, type TorsoStructure } from './structures';
import type { Tissue } from './tissues';

/** Layers are painted in order, later over earlier, each with partial volume at its edge. */
export interface Layer {
  shape: Shape;
  tissue: Tissue;
  /** A label value; 0 erases what was below; 'keep' leaves it (a cyst in a kidney is still kidney). */
  label: number | 'keep';
  /** Stay this many mm inside the trunk cavity (negative: may reach into the wall), below the skin, or anywhere. */
  insetMm: number | 'skin' | 'free';
}

/** A labelled organ, inside the cavity. */
export const organ = (name: TorsoStructure, shape: Shape, tissue: Tissue, insetMm: Layer['insetMm'] = 1): Layer => ({
  shape,
  tissue,
  label: labelOf(name),
  insetMm,
});
/** Something inside an organ that belongs to it. */
export const part = (shape: Shape, tissue: Tissue): Layer => ({ shape, tissue, label: 'keep', insetMm: 0 });
/** Something without a label. */
export const clutter = (shape: Shape, tissue: Tissue, insetMm: Layer['insetMm'] = 1): Layer => ({ shape, tissue, label: 0, insetMm });

/** The part of a shape where `depth` of a half space (or any rule) is positive too. */
export const where = (shape: Shape, depth: (x: number, y: number, z: number) => number): Shape => ({
  box: shape.box,
  depth(x, y, z) {
    const inside = shape.depth(x, y, z);
    return inside < -20 ? inside : Math.min(inside, depth(x, y, z));
  },
});

/** A shape grown (or, with a negative amount, shrunk) by about `mm`. */
export const grownBy = (shape: Shape, mm: number): Shape => ({
  box: { low: shape.box.low.map((x) => x - mm) as unknown as Vector, high: shape.box.high.map((x) => x + mm) as unknown as Vector },
  depth: (x, y, z) => shape.depth(x, y, z) + mm,
});
