/** What MuDuo's frozen networks make of unlabelled crops: one mask per structure, and how much each is worth learning. */
import { sizeOf, type Tensor, tensor } from '../../engine/tensor';
import type { MuduoChoices } from './choices';
import { type Clicks, clicksOn } from './clicks';
import { absent, fuseInto, keptWeights, softIou } from './consensus';

/** A model at work, wherever that is. */
export interface Runner {
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>>;
}
/** A promptable teacher: `teacherEncoderModel`, and `maskedDecoderModel` or `clickedDecoderModel`. */
export interface Teacher {
  encoder: Runner;
  decoder: Runner;
}
/** Who is asked. None of them learns from the answers but the student, later, in its step. */
export interface Asked {
  /** `image` in, `probabilities` out, with the parameters of this moment. */
  student: Runner;
  /** The student's kin that sees PET alone, trained beforehand on the same labelled cases: `image` in, `logits` out. */
  generator: Runner;
  ct: Teacher;
  pet: Teacher;
}
/**
 * The same crops, with the channels and intensities that each network was trained on. The teachers' spacing and side (1.5 mm and 128 voxels as
 * released) are the student's, so that no mask has to be resampled.
 */
export interface Crops {
  /** [crops, C, …]. */
  student: Tensor;
  /** [crops, 1, …]. */
  generator: Tensor;
  ct: Tensor;
  pet: Tensor;
}
export interface PseudoLabels {
  /** Zeros and ones, [crops, structures, …]: what the student's step takes as `pseudoLabel`. */
  masks: Tensor<Uint8Array>;
  /** [crops, structures], the step's `trust`. */
  trust: Tensor<Float32Array>;
  /** How well the teachers agreed, [crops][structures]; `absent` where the generator found nothing. */
  overlaps: number[][];
  /** What the PET teacher was asked, [crops][structures]. */
  clicks: Clicks[][];
}

/**
 * Asks the networks about every crop: the generator's structures are clicked on for the PET teacher, the student's are shown to the CT teacher,
 * and the two answers are fused.
 * @param alphas share of the CT teacher in each mask, [crops, structures], 0 … 1
 */
export async function pseudoLabels(crops: Crops, asked: Asked, alphas: Float32Array, choices: MuduoChoices): Promise<PseudoLabels> {
  const { probabilities } = await asked.student.run({ image: crops.student });
  const { logits } = await asked.generator.run({ image: crops.generator });
  const [count, classes, ...sides] = probabilities.dims;
  const [structures, voxels] = [classes - 1, sizeOf(sides)];
  const masks = new Uint8Array(count * structures * voxels);
  const overlaps: number[][] = [];
  const clicks: Clicks[][] = [];

  for (let crop = 0; crop < count; crop++) {
    const labels = largestClass(logits, crop);
    const options = { count: choices.clicks, picking: choices.picking, filling: choices.filling };
    const clicked = Array.from({ length: structures }, (_, c) => clicksOn({ labels, sides, value: c + 1 }, options));
    clicks.push(clicked);
    overlaps.push(clicked.map(() => absent));
    // The teachers take seconds; where nothing they say would be learned they are not asked.
    if (choices.absent === 'skipped' && !clicked.some(({ isPresent }) => isPresent)) continue;

    const shown = partOf(probabilities, crop * classes + 1, structures, [structures, 1, ...sides]);
    const places = Float32Array.from(clicked.flatMap((click) => [...click.places]));
    const given = Int32Array.from(clicked.flatMap((click) => [...click.labels]));
    const ct = await opinions(asked.ct, sampleOf(crops.ct, crop), { mask: shown });
    const pet = await opinions(asked.pet, sampleOf(crops.pet, crop), {
      places: tensor([structures, choices.clicks, sides.length], places),
      labels: { dims: [structures, choices.clicks], data: given },
    });
    for (const [c, { isPresent }] of clicked.entries()) {
      const at = crop * structures + c;
      const [a, b] = [ct, pet].map((answers) => answers.subarray(c * voxels, (c + 1) * voxels));
      if (isPresent) overlaps[crop][c] = softIou(a, b);
      fuseInto(masks.subarray(at * voxels, (at + 1) * voxels), a, b, alphas[at]);
    }
  }
  return {
    masks: { dims: [count, structures, ...sides], data: masks },
    trust: tensor([count, structures], keptWeights(overlaps, choices.absent)),
    overlaps,
    clicks,
  };
}

async function opinions(teacher: Teacher, image: Tensor, prompts: Readonly<Record<string, Tensor>>): Promise<Float32Array> {
  const { embedding } = await teacher.encoder.run({ image });
  const { probabilities } = await teacher.decoder.run({ embedding, ...prompts });
  return probabilities.data as Float32Array;
}

/** The class of the largest logit of every voxel of one sample; of equals the first. */
export function largestClass({ dims: [, classes, ...sides], data }: Tensor, sample: number): Uint8Array {
  const voxels = sizeOf(sides);
  const largest = new Uint8Array(voxels);
  for (let c = 1; c < classes; c++) {
    const from = (sample * classes + c) * voxels;
    for (let v = 0; v < voxels; v++) {
      if (data[from + v] > data[(sample * classes + largest[v]) * voxels + v]) largest[v] = c;
    }
  }
  return largest;
}

/** `count` maps of a batch from map `first` on, under other dims. */
function partOf({ dims, data }: Tensor, first: number, count: number, as: readonly number[]): Tensor {
  const voxels = sizeOf(dims.slice(2));
  return { dims: as, data: data.slice(first * voxels, (first + count) * voxels) };
}
const sampleOf = (x: Tensor, sample: number): Tensor => partOf(x, sample * x.dims[1], x.dims[1], x.dims.with(0, 1));
