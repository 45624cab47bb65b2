/** What MuDuo's frozen networks make of unlabelled crops: one mask per structure, and how much each is worth learning. */
import { sizeOf, type Tensor, tensor } from '../../engine/tensor';
import type { Opinion, Runner } from '../course';
import { type Clicks, clicksOn } from './clicks';
import { absent, fuseInto, keptWeights, softIou } from './consensus';
import type { Rules } from './rules';

/** A promptable teacher: `teacherEncoderModel`, and `maskedDecoderModel` or `clickedDecoderModel`. */
export interface Teacher {
  encoder: Runner;
  decoder: Runner;
  /** Structures that the decoder answers for in one run. */
  together: number;
}
/** The CT teacher, and who shows it what to look for. */
export interface CtSide {
  /** `image` in, `probabilities` out, with the parameters of this moment. */
  student: Runner;
  teacher: Teacher;
}
/** The PET teacher, and who clicks for it. */
export interface PetSide {
  /** The student's kin that sees PET alone, trained beforehand on the same labelled cases: `image` in, `logits` out. */
  generator: Runner;
  teacher: Teacher;
}
/** Who is asked; one side may be missing. None of them learns from the answers but the student, later, in its step. */
export type Asked = { ct: CtSide; pet: PetSide } | { ct: CtSide; pet: null } | { ct: null; pet: PetSide };

/**
 * The same crops, with the channels and intensities that each network was trained on. The teachers' spacing and side (1.5 mm and 128 voxels as
 * released) are the student's, so that no mask has to be resampled.
 */
export interface Crops {
  /** [crops, C, …]. */
  student: Tensor;
  /** [crops, 1, …], as are the others; what nobody is asked about is not looked at. */
  generator: Tensor | null;
  ct: Tensor | null;
  pet: Tensor | null;
}
export interface PseudoLabels {
  /** Zeros and ones, [crops, structures, …]: what the student's step takes as `pseudoLabel`. */
  masks: Tensor<Uint8Array>;
  /** [crops, structures], the step's `trust`. */
  trust: Tensor<Float32Array>;
  /** How well the teachers agreed, [crops][structures]; `absent` where the structure was not found. One that is asked alone agrees with itself: 1. */
  overlaps: number[][];
  /** What the PET teacher was asked, [crops][structures]; empty without one. */
  clicks: Clicks[][];
}

/** What is said of one crop. */
interface CropOpinion extends Opinion {
  /** What the PET teacher was asked, per structure. */
  clicks: Clicks[] | null;
}

/**
 * Asks the networks about every crop, one after the other: what was said of one may be let go before the next is asked about.
 * @param about the structures that the teachers answer for, of others they say 0: those that were found, or per crop the ones of these indices
 * (the first structure is 0), of which the PET teacher is asked about those that there is something to click on
 */
export async function* opinions(
  crops: Crops,
  asked: Asked,
  rules: Rules,
  about: 'found' | readonly (readonly number[])[],
): AsyncGenerator<CropOpinion> {
  const seen = asked.ct && (await asked.ct.student.run({ image: crops.student })).probabilities;
  const found = asked.pet ? (await asked.pet.generator.run({ image: given(crops.generator) })).logits : (seen as Tensor);
  const [count, classes, ...sides] = found.dims;
  for (let crop = 0; crop < count; crop++) {
    const labels = largestClass(found, crop);
    const isThere = presence(labels, classes - 1);
    const clicks = asked.pet && isThere.map((_, c) => clicksOn({ labels, sides, value: c + 1 }, clickOptions(rules)));
    const counts = (c: number) => isThere[c] || rules.absent === 'taught';
    const wanted = about === 'found' ? [...isThere.keys()].filter(counts) : about[crop];
    // The teachers take seconds; where nothing they say would count they are not asked.
    const isAsked = wanted.length > 0;
    const maps = seen && structuresOf(seen, crop);
    const ct = isAsked && asked.ct && (await shown(asked.ct.teacher, sampleOf(given(crops.ct), crop), maps as Tensor, wanted));
    const clickable = wanted.filter(counts);
    const pet =
      isAsked && asked.pet && (await clickedOn(asked.pet.teacher, sampleOf(given(crops.pet), crop), clicks as Clicks[], clickable));
    yield { isThere, clicks, ct: ct || null, pet: pet || null };
  }
}

/**
 * Asks the networks about every crop: the generator's structures are clicked on for the PET teacher, the student's are shown to the CT teacher,
 * and the two answers are fused. The generator says which structures are there. A teacher alone is always believed: its mask is learned
 * wherever the generator found the structure (PET), or the student itself sees a voxel of it (CT).
 * @param alphas share of the CT teacher in each mask, [crops, structures], 0 … 1
 */
export async function pseudoLabels(crops: Crops, asked: Asked, alphas: Float32Array, rules: Rules): Promise<PseudoLabels> {
  const [count, , ...sides] = crops.student.dims;
  const [structures, voxels] = [alphas.length / count, sizeOf(sides)];
  const isAlone = !asked.ct || !asked.pet;
  const masks = new Uint8Array(count * structures * voxels);
  const overlaps: number[][] = [];
  const clicks: Clicks[][] = [];

  for await (const { isThere, clicks: clicked, ct, pet } of opinions(crops, asked, rules, 'found')) {
    const crop = overlaps.push(isThere.map(() => absent)) - 1;
    if (clicked) clicks.push(clicked);
    if (!ct && !pet) continue;
    for (const [c, isPresent] of isThere.entries()) {
      const at = crop * structures + c;
      const [a, b] = [ct ?? pet, pet ?? ct].map((answers) => (answers as Float32Array).subarray(c * voxels, (c + 1) * voxels));
      if (isPresent) overlaps[crop][c] = isAlone ? 1 : softIou(a, b);
      fuseInto(masks.subarray(at * voxels, (at + 1) * voxels), a, b, isAlone ? 1 : alphas[at]);
    }
  }
  return {
    masks: { dims: [count, structures, ...sides], data: masks },
    trust: tensor([count, structures], keptWeights(overlaps, isAlone ? 'none' : rules.filter, rules.absent)),
    overlaps,
    clicks,
  };
}

const clickOptions = ({ clicks, picking, filling }: Rules) => ({ count: clicks, picking, filling });

/** The CT teacher's answer to the student's maps of structures. @param maps of all, [structures, 1, …] */
async function shown(
  { encoder, decoder, together }: Teacher,
  image: Tensor,
  maps: Tensor,
  wanted: readonly number[],
): Promise<Float32Array> {
  const voxels = sizeOf(maps.dims.slice(1));
  const { embedding } = await encoder.run({ image });
  return answersAbout(wanted, together, [maps.dims[0], voxels], async (few) => {
    const mask = new Float32Array(few.length * voxels);
    for (const [n, c] of few.entries()) mask.set(maps.data.subarray(c * voxels, (c + 1) * voxels) as Float32Array, n * voxels);
    return (await decoder.run({ embedding, mask: { dims: maps.dims.with(0, few.length), data: mask } })).probabilities;
  });
}

/** The PET teacher's answer to clicks on structures. */
async function clickedOn(
  { encoder, decoder, together }: Teacher,
  image: Tensor,
  clicks: readonly Clicks[],
  wanted: readonly number[],
): Promise<Float32Array> {
  const all = [clicks.length, sizeOf(image.dims)] as const;
  if (wanted.length === 0) return new Float32Array(all[0] * all[1]);
  const { embedding } = await encoder.run({ image });
  const [count, axes] = [clicks[0].labels.length, image.dims.length - 2];
  return answersAbout(wanted, together, all, async (few) => {
    const places = tensor(
      [few.length, count, axes],
      few.flatMap((c) => [...clicks[c].places]),
    );
    const labels = { dims: [few.length, count], data: Int32Array.from(few.flatMap((c) => [...clicks[c].labels])) };
    return (await decoder.run({ embedding, places, labels })).probabilities;
  });
}

/** Asks about a few structures at a time, the last ones again where fewer are left; [structures, voxels] with zeros for those nobody asked about. */
async function answersAbout(
  wanted: readonly number[],
  together: number,
  [structures, voxels]: readonly [number, number],
  ask: (few: number[]) => Promise<Tensor>,
): Promise<Float32Array> {
  const answers = new Float32Array(structures * voxels);
  for (let from = 0; from < wanted.length; from += together) {
    const few = Array.from({ length: together }, (_, n) => wanted[Math.min(from + n, wanted.length - 1)]);
    const { data } = await ask(few);
    for (const [n, c] of few.entries()) answers.set(data.subarray(n * voxels, (n + 1) * voxels) as Float32Array, c * voxels);
  }
  return answers;
}

/** Which of the structures 1 … `structures` a label map holds. */
function presence(labels: Uint8Array, structures: number): boolean[] {
  const isThere = new Array<boolean>(structures + 1).fill(false);
  for (const label of labels) isThere[label] = true;
  return isThere.slice(1);
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

function given(crops: Tensor | null): Tensor {
  if (!crops) throw new Error('pseudoLabels: somebody is asked about crops that were not given');
  return crops;
}

/** `count` maps of a batch from map `first` on, under other dims. */
function partOf({ dims, data }: Tensor, first: number, count: number, as: readonly number[]): Tensor {
  const voxels = sizeOf(dims.slice(2));
  return { dims: as, data: data.slice(first * voxels, (first + count) * voxels) };
}
const sampleOf = (x: Tensor, sample: number): Tensor => partOf(x, sample * x.dims[1], x.dims[1], x.dims.with(0, 1));
/** The maps of all classes but the background as a batch of their own, [structures, 1, …]. */
const structuresOf = (x: Tensor, sample: number): Tensor => {
  const [, classes, ...sides] = x.dims;
  return partOf(x, sample * classes + 1, classes - 1, [classes - 1, 1, ...sides]);
};
