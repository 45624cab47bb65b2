/** Ops that move, pick and place numbers, as their definitions read. */
import { sizeOf } from '../../../src/main/engine/tensor';
import { type Evaluate, exact, list, make, read, whole } from './numbers';

const flatOf = (dims: readonly number[], position: readonly number[]) => position.reduce((flat, at, axis) => flat * dims[axis] + at, 0);

export const placeRules: Record<string, Evaluate> = {
  Expand: ([x], node) => make(node.dims, (position) => read(x, position)),
  Reshape: ([x], node) => ({ dims: node.dims, data: x.data }),
  Transpose: ([x], node) => {
    const perm = list(node, 'perm');
    const inverse = perm.map((_, axis) => perm.indexOf(axis));
    return make(node.dims, (position) =>
      exact(
        x,
        inverse.map((axis) => position[axis]),
      ),
    );
  },
  ChannelsToBlocks: ([x], node) => {
    const block = list(node, 'block');
    return make(node.dims, ([n, c, ...at]) => {
      const inside = flatOf(
        block,
        at.map((p, axis) => p % block[axis]),
      );
      return exact(x, [n, c * sizeOf(block) + inside, ...at.map((p, axis) => Math.floor(p / block[axis]))]);
    });
  },
  BlocksToChannels: ([y], node) => {
    const block = list(node, 'block');
    return make(node.dims, ([n, c, ...at]) => {
      let inside = c % sizeOf(block);
      const offset = block.map(() => 0);
      for (let axis = block.length - 1; axis >= 0; axis--) {
        offset[axis] = inside % block[axis];
        inside = Math.floor(inside / block[axis]);
      }
      return exact(y, [n, Math.floor(c / sizeOf(block)), ...at.map((p, axis) => p * block[axis] + offset[axis])]);
    });
  },
  Slice: ([x, starts, , axes, steps], node) => {
    const sliced = [...axes.data];
    return make(node.dims, (position) =>
      exact(
        x,
        position.map((at, axis) => {
          const i = sliced.indexOf(axis);
          if (i < 0) return at;
          const [start, step] = [starts.data[i], steps?.data[i] ?? 1];
          return (start < 0 ? start + x.dims[axis] : start) + at * step;
        }),
      ),
    );
  },
  Concat: (inputs, node) => {
    const axis = whole(node, 'axis');
    const starts = inputs.map((_, i) => inputs.slice(0, i).reduce((sum, input) => sum + input.dims[axis], 0));
    return make(node.dims, (position) => {
      const from = starts.findLastIndex((start, i) => start <= position[axis] && inputs[i].dims[axis] > 0);
      return exact(inputs[from], position.with(axis, position[axis] - starts[from]));
    });
  },
  Pad: ([x, pads, value], node) =>
    make(node.dims, (position) => {
      const at = position.map((p, axis) => p - pads.data[axis]);
      return at.some((p, axis) => p < 0 || p >= x.dims[axis]) ? value.data[0] : exact(x, at);
    }),
  MaxUnpool: ([g, where], node) => {
    const result = make(node.dims, () => 0);
    for (const [i, at] of where.data.entries()) result.data[at] = g.data[i];
    return result;
  },
  ScatterElements: ([into, where, from], node) => {
    const axis = whole(node, 'axis');
    const result = { dims: into.dims, data: into.data.slice() };
    make(where.dims, (position) => {
      result.data[flatOf(into.dims, position.with(axis, exact(where, position)))] += exact(from, position);
      return 0;
    });
    return result;
  },
  GatherElements: ([x, where], node) => make(node.dims, (position) => exact(x, position.with(whole(node, 'axis'), exact(where, position)))),
  Gather: ([x, where], node) => {
    const axis = whole(node, 'axis');
    return make(node.dims, (position) => {
      const at = exact(where, position.slice(axis, axis + where.dims.length));
      return exact(x, position.toSpliced(axis, where.dims.length, at));
    });
  },
  TopK: ([x], node) => {
    const [axis, largest] = [whole(node, 'axis'), whole(node, 'largest')];
    return make(node.dims, (position) => {
      const line = Array.from({ length: x.dims[axis] }, (_, at) => ({ at, number: exact(x, position.with(axis, at)) }));
      line.sort((a, b) => (largest ? b.number - a.number : a.number - b.number) || a.at - b.at);
      const { at, number } = line[position[axis]];
      return node.op.rule.output === 1 ? at : number;
    });
  },
  ArgMax: ([x], node) => {
    const axis = whole(node, 'axis');
    return make(node.dims, (position) => {
      const line = Array.from({ length: x.dims[axis] }, (_, at) => exact(x, position.toSpliced(axis, 0, at)));
      return line.indexOf(Math.max(...line));
    });
  },
};
