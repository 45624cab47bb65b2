/** Models for a batch and for images of any size: built for several sizes, what grows with the batch becomes computed from the image. */
import type { Initializer, Model, ModelNode, Port } from './onnx';

/** Sizes no network has channels of by accident; a second set in case one has. */
const sizes = [
  [11, 13, 17],
  [101, 103, 107],
];

/**
 * The model with its first axis open, under the name `batch`.
 * @param build the model for a batch of that size
 * @throws if something other than whole numbers depends on the size of the batch
 */
export function anyBatch(build: (batch: number) => Model): Model {
  let reason = '';
  for (const three of sizes) {
    const result = opened(three, three.map(build));
    if (typeof result !== 'string') return result;
    reason = result;
  }
  throw new Error(`The network cannot be exported for a batch of any size: ${reason}.`);
}

/**
 * The model with the spatial sides of its image open, where nothing in it depends on them; else as it is.
 * @param model for an image [N, C, …]
 * @param larger the same for an image whose sides are twice as long
 */
export function anySides(model: Model, larger: Model): Model {
  const isSame = stepsOf(model) === stepsOf(larger) && model.initializers.every((own, i) => sameNumbers([own, larger.initializers[i]]));
  if (!isSame) return model;
  const sides = model.inputs[0].dims;
  // The last three axes of a volume are called k, j and i, those of a picture j and i.
  const name = (axis: number) => ['k', 'j', 'i'].at(axis - sides.length) ?? `side ${axis}`;
  const open = (port: Port, other: Port): Port => ({
    ...port,
    dims: port.dims.map((side, axis) => {
      if (side === other.dims[axis]) return side;
      return side === sides[axis] ? name(axis) : `side ${axis} of ${port.name}`;
    }),
  });
  return {
    ...model,
    inputs: model.inputs.map((port, i) => open(port, larger.inputs[i])),
    outputs: model.outputs.map((port, i) => open(port, larger.outputs[i])),
  };
}

/** The value that holds the size of the batch. */
const batchSize = 'size of the batch';

/** A whole number for each batch n is fixed + each·n. */
interface Line {
  fixed: bigint;
  each: bigint;
}
function lineThrough(at: readonly number[], values: readonly bigint[]): Line | null {
  const [run, rise] = [BigInt(at[1] - at[0]), values[1] - values[0]];
  if (rise % run !== 0n) return null;
  const each = rise / run;
  const fixed = values[0] - each * BigInt(at[0]);
  return fixed + each * BigInt(at[2]) === values[2] ? { fixed, each } : null;
}

/** The open model, or why there is none. */
function opened(at: readonly number[], [first, ...others]: readonly Model[]): Model | string {
  if (others.some((other) => stepsOf(other) !== stepsOf(first))) return 'its steps depend on it';
  const [image] = first.inputs;
  const nodes = [...first.nodes];
  const extra: ModelNode[] = [];
  const constants: Initializer[] = [];
  for (const [i, initializer] of first.initializers.entries()) {
    const versions = [initializer, ...others.map((other) => other.initializers[i])];
    if (sameNumbers(versions)) {
      constants.push(initializer);
      continue;
    }
    const lines = linesOf(at, versions);
    if (!lines) return `the numbers ${initializer.name} [${initializer.dims}] depend on it`;
    const growing = lines.filter(({ each }) => each !== 0n);
    const readers = nodes.filter((node) => node.inputs.includes(initializer.name));
    if (growing.length === 1 && readers.every((node) => node.op === 'Reshape' && node.inputs[1] === initializer.name)) {
      // A reshape finds one side by itself.
      constants.push({ ...initializer, data: BigInt64Array.from(lines, ({ fixed, each }) => (each === 0n ? fixed : -1n)) });
    } else {
      const [each, fixed] = [`${initializer.name}.each`, `${initializer.name}.fixed`];
      constants.push({ ...initializer, name: each, data: BigInt64Array.from(lines, (line) => line.each) });
      constants.push({ ...initializer, name: fixed, data: BigInt64Array.from(lines, (line) => line.fixed) });
      extra.push(
        step('Mul', [each, batchSize], `${initializer.name}.growing`),
        step('Add', [`${initializer.name}.growing`, fixed], initializer.name),
      );
    }
  }
  const sizeOfBatch: ModelNode = { ...step('Shape', [image.name], batchSize), attributes: { start: 0, end: 1 } };
  return {
    ...first,
    nodes: extra.length > 0 ? [sizeOfBatch, ...extra, ...nodes] : nodes,
    initializers: constants,
    inputs: first.inputs.map((port) => ({ ...port, dims: ['batch', ...port.dims.slice(1)] })),
    outputs: first.outputs.map((port, i) => ({
      ...port,
      dims: port.dims.map((side, axis) => {
        const versions = [side, ...others.map((other) => other.outputs[i].dims[axis])];
        if (versions.every((other) => other === side)) return side;
        return versions.every((other, n) => other === at[n]) ? 'batch' : `side ${axis} of ${port.name}`;
      }),
    })),
  };
}
const step = (op: string, inputs: string[], output: string): ModelNode => ({ op, domain: '', inputs, outputs: [output], attributes: {} });

/** Everything but the numbers. */
const stepsOf = (model: Model): string => JSON.stringify([model.nodes, model.initializers.map(({ name, dims }) => [name, dims])]);

function sameNumbers([first, ...others]: readonly Initializer[]): boolean {
  return others.every(({ data }) => data === first.data || data.every((value, i) => Object.is(value, first.data[i])));
}
function linesOf(at: readonly number[], versions: readonly Initializer[]): Line[] | null {
  const numbers = versions.flatMap(({ data }) => (data instanceof BigInt64Array ? [data] : []));
  if (numbers.length !== versions.length) return null;
  const lines: Line[] = [];
  for (let i = 0; i < numbers[0].length; i++) {
    const line = lineThrough(
      at,
      numbers.map((data) => data[i]),
    );
    if (!line) return null;
    lines.push(line);
  }
  return lines;
}
