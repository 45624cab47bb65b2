/** SAM's reference files as the tests use them: a spec from their metadata, and every run with its prompts. */
import { pullBack } from '../../src/main/engine/backward';
import { constant, type Input, input, type Value } from '../../src/main/engine/graph';
import { buildModel } from '../../src/main/engine/model';
import { encodeModel } from '../../src/main/engine/onnx';
import { slice } from '../../src/main/engine/ops/shape';
import { Session } from '../../src/main/engine/session';
import type { Tensor } from '../../src/main/engine/tensor';
import { encodeImage, type WindowPadding } from '../../src/main/networks/sam/imageEncoder';
import { type DecodedMasks, decodeMasks, type MaskChoice } from '../../src/main/networks/sam/maskDecoder';
import { type EncodedPrompts, encodePrompts } from '../../src/main/networks/sam/promptEncoder';
import type { SamSpec } from '../../src/main/networks/sam/spec';
import { type Golden, golden, part } from '../golden';

interface Config {
  embed_dim: number;
  depth: number;
  num_heads: number;
  window_size: number;
  img_size: number;
  patch_size: number;
  global_attn_indexes: number[];
  prompt_dim: number;
  mask_in_chans: number;
  iou_hidden: number;
  mlp_ratio: number;
  num_multimask_outputs: number;
  mlp_dim?: number;
  two_way?: { depth: number; heads: number };
  decoder?: { depth: number; heads: number; mlp_dim: number };
}

export function specOf(io: Golden): SamSpec {
  const config = io.metadata.config as Config;
  const image = io.tensors.get('in.image') as Tensor;
  const { depth, heads, mlp_dim } = { mlp_dim: config.mlp_dim as number, ...(config.two_way ?? { depth: 0, heads: 0 }), ...config.decoder };
  return {
    axes: image.dims.length === 5 ? 3 : 2,
    channels: image.dims[1],
    imageSide: config.img_size,
    patch: config.patch_size,
    width: config.embed_dim,
    depth: config.depth,
    heads: config.num_heads,
    mlpWidth: config.mlp_ratio * config.embed_dim,
    window: config.window_size,
    globalBlocks: config.global_attn_indexes,
    promptWidth: config.prompt_dim,
    maskWidth: config.mask_in_chans,
    decoder: { depth, heads, mlpWidth: mlp_dim },
    qualityWidth: config.iou_hidden,
    masks: config.num_multimask_outputs + 1,
  };
}

/** Prompts of a run by the names of their tensors, each cut to as many samples as `batch` says, and the images it sees. */
export interface RunPrompts {
  points?: string;
  labels?: string;
  boxes?: string;
  mask?: string;
  batch?: number;
  images: readonly [number, number];
}
export interface Run {
  prompts: EncodedPrompts;
  masks: ReadonlyMap<MaskChoice, DecodedMasks>;
}

/** One graph with the encoder and every run of a file. */
export class Sam {
  readonly io: Golden;
  readonly spec: SamSpec;
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly parameters: ReadonlyMap<string, Input>;
  readonly image: Input;
  readonly encoded: ReturnType<typeof encodeImage>;
  readonly runs: ReadonlyMap<string, Run>;
  private readonly feeds: Record<string, Tensor>;
  private readonly inputs: Input[];

  constructor(
    readonly folder: string,
    prompts: Readonly<Record<string, RunPrompts>>,
    padding: WindowPadding,
  ) {
    this.io = golden(`${folder}/io`);
    this.spec = specOf(this.io);
    this.weights = part(golden(`${folder}/params`), 'param.');
    this.parameters = new Map([...this.weights].map(([name, { dims }]) => [name, input(name, 'float32', dims)]));
    this.image = input('image', 'float32', this.tensor('in.image').dims);
    this.encoded = encodeImage(this.spec, this.parameters, this.image, padding);
    this.inputs = [this.image, ...this.parameters.values()];
    this.feeds = { image: this.tensor('in.image'), ...Object.fromEntries(this.weights) };
    this.runs = new Map(Object.entries(prompts).map(([name, given]) => [name, this.run(name, given)]));
  }

  tensor(name: string): Tensor {
    const found = this.io.tensors.get(name);
    if (!found) throw new Error(`${this.folder}/io has no ${name}`);
    return found;
  }

  private run(name: string, given: RunPrompts): Run {
    const value = (key: string | undefined): Value | null => {
      if (!key) return null;
      const whole = constant(this.tensor(`in.${key}`));
      return given.batch ? slice(whole, 0, 0, given.batch) : whole;
    };
    const [places, labels] = [value(given.points), value(given.labels)];
    const prompts = encodePrompts(this.spec, this.parameters, {
      points: places && labels && { places, labels },
      boxes: value(given.boxes),
      mask: value(given.mask),
    });
    const embedding = slice(this.encoded.embedding, 0, ...given.images);
    const choices = (['single', 'multiple'] as const).filter((_, i) => this.io.tensors.has(`out.${name}.iou.multi${i}`));
    return {
      prompts,
      masks: new Map(choices.map((choice) => [choice, decodeMasks(this.spec, this.parameters, embedding, prompts, choice)])),
    };
  }

  /** Everything the runs answer, under the names of the file. */
  answers(): Record<string, Value> {
    const answers: Record<string, Value> = {};
    for (const [name, { prompts, masks }] of this.runs) {
      if (prompts.sparse) answers[`out.${name}.sparse`] = prompts.sparse;
      for (const [choice, { logits, quality }] of masks) {
        const multi = `multi${Number(choice === 'multiple')}`;
        answers[`out.${name}.low_res_logits.${multi}`] = logits;
        answers[`out.${name}.iou.${multi}`] = quality;
      }
    }
    return answers;
  }

  /** The gradient of Σ logits·cotangent + Σ quality·cotangent over all runs, by what it is the gradient of. */
  gradients(): Map<Value, Value> {
    const seeds = Object.entries(this.answers()).flatMap(([name, value]): [Value, Value][] => {
      const cotangent = this.io.tensors.get(name.replace('out.', 'in.').replace('low_res_logits', 'cot_logits').replace('iou', 'cot_iou'));
      return cotangent && !name.endsWith('.sparse') ? [[value, constant(cotangent)]] : [];
    });
    return pullBack(seeds, [this.image, ...this.parameters.values()]);
  }

  async evaluate(outputs: Record<string, Value>): Promise<Map<string, Tensor>> {
    const model = buildModel({ name: this.folder, inputs: this.inputs, outputs, form: 'cpu' });
    const session = await Session.create(encodeModel(model), { device: 'cpu', threads: 1 });
    const results = await session.run(this.feeds);
    await session.release();
    return new Map(Object.entries(results));
  }
}
