/** One training step as one model, and the loop body that runs it: parameters come home every step into buffers that take turns. */

import { once } from '../../shared/once';
import { type Cost, costOf } from './cost';
import { type Input, inOrder, input, type Typed, type Value } from './graph';
import { joined } from './joined';
import type { Outputs } from './lowering';
import { buildModel } from './model';
import { encodeModel } from './onnx';
import type { Step, Update } from './optimisers';
import { arrival, halved, scaledLoss } from './precision';
import { recomputed } from './recompute';
import { type Device, Session } from './session';
import type { Dtype } from './tensor';
import { dtypeOf, sameDims, showDims, sizeOf, type Tensor, zeros } from './tensor';

/** A named array. */
export interface Entry {
  name: string;
  dims: readonly number[];
}
/** What must be fed at every step; `keep` marks a dropout mask of zeros and ones with that share of ones. */
export interface InputSpec extends Typed {
  keep?: number;
}
export interface StepPlan {
  /** An ordinary ONNX model: batch, rates, parameters and slots in; reports, next parameters and next slots out. */
  model: Uint8Array;
  inputs: Readonly<Record<string, InputSpec>>;
  parameters: readonly Entry[];
  /** Optimiser state (momentum and the like), zero at the start. */
  slots: readonly Entry[];
  /** Numbers every step answers with. */
  reports: readonly string[];
  /** Values of any shape that every step answers with besides. */
  results: readonly string[];
  cost: Cost;
  /** The same step laid out otherwise. */
  layOut(changes: Partial<Layout>): StepPlan;
}

export interface StepGraph {
  name: string;
  /** Per-step inputs; masks name the share of ones they need. */
  inputs: readonly (Input & { keep?: number })[];
  steps: readonly Step[];
  /** Values kept besides parameters, for example a running average of another network. */
  averages?: readonly Update[];
  reports: Readonly<Record<string, Value>>;
  /** Values of the forward pass to look at after a step, for example its predictions. Under other names than the reports. */
  results?: Readonly<Record<string, Value>>;
}

/** How a step is laid out for a device. */
export interface Layout {
  form: 'cpu' | 'gpu';
  /** Make forward values again in the backward pass instead of keeping them: less memory, more time. */
  recompute: boolean;
  /** `mixed`: convolutions and matrix products in 16 bits, the rest and the parameters in 32; changes numbers by about a thousandth. */
  precision: 'full' | 'mixed';
}
export const plainLayout: Layout = { form: 'cpu', recompute: false, precision: 'full' };

/** How many stretches of the forward pass are tried when values are made again; the one of least memory is taken. */
const triedStretches = [1, 2, 3, 4, 6, 8];

const next = (name: string) => `next ${name}`;

/** Writes a step down as a model. */
export function planStep(graph: StepGraph, layout: Layout = plainLayout): StepPlan {
  const { name, inputs, reports, results = {} } = graph;
  checkResults(results, reports);
  const { form, recompute, precision } = layout;
  const plain = { steps: graph.steps, averages: graph.averages ?? [], state: [] };
  const { steps, averages, state: scale } = precision === 'mixed' ? scaledLoss(plain.steps, plain.averages) : plain;
  const parameters = [...steps.map((step) => step.parameter), ...averages];
  const slots = [...steps.flatMap((step) => step.slots), ...scale];
  // The runtime plans backwards from the last output: asked for in this order, each gradient is used up as soon as it exists.
  const kept = steps.flatMap((step) => [step.parameter, ...step.slots]).concat(averages, scale);
  const outputs = { ...reports, ...results, ...Object.fromEntries(kept.map(({ before, after }) => [next(before.name), after])) };
  const state = [...parameters, ...slots].map(({ before }) => before);
  const finished = precision === 'mixed' ? halved : (values: Outputs) => values;
  const build = (stretches: number) => {
    const finish = (values: Outputs) => {
      const forward = Object.keys({ ...reports, ...results });
      const made = finished(stretches > 1 ? recomputed(values, { batch: inputs, forward, stretches }) : values);
      // A kernel on a GPU takes only a few values at once.
      return form === 'cpu' ? joined(made) : made;
    };
    const model = buildModel({ name, inputs: [...inputs, ...state], outputs, form, hideShapes: form === 'cpu', finish });
    return { model, cost: costOf(model) };
  };
  // Only when it is asked for: a plan that is laid out otherwise, or only weighed, need not be written down.
  const best = once(() => (recompute ? triedStretches : [1]).map(build).reduce((a, b) => (b.cost.peakBytes < a.cost.peakBytes ? b : a)));
  const encoded = once(() => encodeModel(best().model));
  return {
    get model() {
      return encoded();
    },
    get cost() {
      return best().cost;
    },
    inputs: Object.fromEntries(inputs.map(({ name, dims, dtype, keep }) => [name, { dims, dtype, ...(keep !== undefined && { keep }) }])),
    parameters: parameters.map(({ before }) => ({ name: before.name, dims: before.dims })),
    slots: slots.map(({ before }) => ({ name: before.name, dims: before.dims })),
    reports: Object.keys(reports),
    results: Object.keys(results),
    layOut: (changes) => planStep(graph, { ...layout, ...changes }),
  };
}

function checkResults(results: Readonly<Record<string, Value>>, reports: StepGraph['reports']): void {
  for (const [name, value] of Object.entries(results)) {
    if (Object.hasOwn(reports, name)) throw new Error(`planStep: ${name} names a report and a result`);
    const isBack = inOrder([value]).some((part) => part.kind === 'node' && part.op === arrival);
    if (isBack) throw new Error(`planStep: the result ${name} rests on a gradient; results are values of the forward pass`);
  }
}

/** A parameter of a network in training. */
export const parameter = (name: string, dims: readonly number[], dtype: Dtype = 'float32'): Input => input(name, dtype, dims);

/** A plan loaded on a device, with its parameters and slots. */
export class TrainingStep {
  private answered: Readonly<Record<string, Tensor>> = {};

  private constructor(
    private readonly plan: StepPlan,
    private readonly session: Session,
    private current: Map<string, Tensor>,
    private spare: Map<string, Tensor>,
  ) {}

  /**
   * Loads a plan.
   * @param initial parameters by key name; slots too when a run is resumed, else they start at zero
   * @throws a plain error if a parameter is missing or has another shape
   */
  static async open(plan: StepPlan, initial: ReadonlyMap<string, Tensor>, options: { device: Device; threads: number; profile?: string }) {
    const slots = new Set(plan.slots.map(({ name }) => name));
    const current = new Map<string, Tensor>();
    const spare = new Map<string, Tensor>();
    for (const { name, dims } of [...plan.parameters, ...plan.slots]) {
      const given = initial.get(name);
      if (!given && !slots.has(name)) throw new Error(`TrainingStep: no values for the parameter ${name}`);
      if (given && !sameDims(given.dims, dims)) {
        throw new Error(`TrainingStep: ${name} has shape ${showDims(given.dims)}, expected ${showDims(dims)}`);
      }
      current.set(name, { dims, data: given ? given.data.slice() : zeros('float32', sizeOf(dims)) });
      spare.set(name, { dims, data: zeros('float32', sizeOf(dims)) });
    }
    // Everything in a step rests on its inputs, and its ops have their form: on a processor, what the runtime still finds to rewrite saves nothing.
    const graph = options.device === 'cpu' ? 'as it is' : 'to be optimised';
    return new TrainingStep(plan, await Session.create(plan.model, { ...options, graph, foldConstants: false }), current, spare);
  }

  /** One step on one batch. Answers the reports. Throws a plain error if an input is missing or does not fit. */
  async run(inputs: Readonly<Record<string, Tensor>>): Promise<Record<string, number>> {
    for (const [name, spec] of Object.entries(this.plan.inputs)) {
      const given = inputs[name];
      if (!given) throw new Error(`TrainingStep: the input ${name} is missing`);
      if (!sameDims(given.dims, spec.dims) || dtypeOf(given.data) !== spec.dtype) {
        const expected = `${spec.dtype} ${showDims(spec.dims)}`;
        throw new Error(`TrainingStep: ${name} is ${dtypeOf(given.data)} ${showDims(given.dims)}, expected ${expected}`);
      }
    }
    const into = Object.fromEntries([...this.spare].map(([name, tensor]) => [next(name), tensor]));
    this.answered = await this.session.run({ ...inputs, ...Object.fromEntries(this.current) }, into);
    [this.current, this.spare] = [this.spare, this.current];
    return Object.fromEntries(this.plan.reports.map((name) => [name, Number(this.answered[name].data[0])]));
  }

  /** A result of the last step. Valid until the next: copy what must last. */
  result(name: string): Tensor {
    if (!this.plan.results.includes(name)) throw new Error(`TrainingStep: the plan has no result ${name}`);
    const found = this.answered[name];
    if (!found) throw new Error(`TrainingStep: ${name} was asked for before the first step`);
    return found;
  }

  /** The parameters as they are now. Valid until the next step: copy what must last. */
  parameters(): ReadonlyMap<string, Tensor> {
    return new Map(this.plan.parameters.map(({ name }) => [name, this.current.get(name) as Tensor]));
  }

  /** Copies of parameters and slots: all that a checkpoint needs from the step. */
  state(): Map<string, Tensor> {
    return new Map([...this.current].map(([name, { dims, data }]) => [name, { dims, data: data.slice() }]));
  }

  /** The first parameter or slot that holds a NaN or an infinity, or null. */
  firstNotFinite(): string | null {
    for (const [name, { data }] of this.current) if (data.some((value) => !Number.isFinite(Number(value)))) return name;
    return null;
  }

  async close(): Promise<void> {
    await this.session.release();
  }
}
