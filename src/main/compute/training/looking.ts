/** Looking at a case: the student sees all of it, and the teachers what it found there. Nothing learns from it. */
import type { StudentSpec } from '../../../shared/domain';
import type { Grid, Index3 } from '../../../shared/geometry';
import { type Difference, type MomentSource, momentSources } from '../../../shared/ledger';
import type { Tensor } from '../../engine/tensor';
import { storeBytes } from '../../files/durable';
import { resample } from '../../imaging/resample';
import { standardise } from '../../imaging/teacherCrop';
import type { Course, UnlabelledPatches } from '../../methods/course';
import { agreedOn, differenceOf } from '../../methods/training/difference';
import { looksAt, maskFromCrops } from '../../methods/training/moments';
import type { Prepared } from '../../methods/training/prepare';
import { prepareUnlabelled, type TeacherView } from '../../methods/training/unlabelled';
import { cutPatch } from '../../methods/training/warp';
import type { KeptLook, StoredCase } from '../jobData';
import { patchDims, type Student } from '../student';
import { slabsOf } from './validation';

const asTheyAre = [1, 0, 0, 0, 1, 0, 0, 0, 1];

export interface Looking {
  spec: StudentSpec;
  student: Student;
  views: readonly TeacherView[];
  /** What those that are asked say of crops; absent where nobody is. */
  opinions: Course['opinions'];
  /** Crops that are asked about at once. */
  crops: number;
  breathe(): Promise<void>;
}

/** Looks at a case, and stores what everybody saw under its hash in the folder `store`. */
export async function keepLook(store: string, one: StoredCase, looking: Looking): Promise<KeptLook> {
  const { seen, differences } = await lookedAt(one, looking);
  const masks: KeptLook['masks'] = [];
  for (const source of momentSources) {
    const mask = seen[source];
    if (mask) masks.push({ source, file: await storeBytes(store, onGridOf(one, mask)) });
  }
  return { masks, differences };
}

interface Mask {
  grid: Grid;
  voxels: Uint8Array;
}

interface Seen {
  seen: Record<MomentSource, Mask | null>;
  differences: KeptLook['differences'];
}

/** A case as everybody sees it, on the student's lattice: the student all of it, teachers what the student found there. */
async function lookedAt(one: StoredCase, looking: Looking): Promise<Seen> {
  const { spec, student, views, opinions, crops, breathe } = looking;
  const study = await prepareUnlabelled(one, spec, views);
  const { grid } = study;
  const own = { ...study, channels: study.channels.slice(0, spec.channels.length), outside: study.outside.slice(0, spec.channels.length) };
  const found = { grid, voxels: await student.predict(slabsOf(own), grid, grid, breathe) };
  const looks = looksAt(found, spec.structures, spec.patch);
  const said = { ct: maskFromCrops(grid), pet: maskFromCrops(grid), agreed: maskFromCrops(grid) };
  const asked = new Set<'ct' | 'pet'>();
  const differences = new Map<number, Difference>();
  const voxels = spec.patch[0] * spec.patch[1] * spec.patch[2];
  for (let from = 0; from < looks.length; from += crops) {
    const together = Array.from({ length: crops }, (_, n) => looks[from + n] ?? { ...looks[from], structures: [] });
    const about = together.map(({ structures }) => structures.map((structure) => spec.structures.indexOf(structure)));
    let n = 0;
    const patches = patchesAround(
      together.map(({ origin }) => origin.map((first, axis) => first + (spec.patch[axis] - 1) / 2) as unknown as Index3),
      study,
      spec,
      views,
    );
    for await (const opinion of opinions?.(patches, about) ?? []) {
      const { origin, structures } = together[n++];
      if (opinion.ct) asked.add('ct');
      if (opinion.pet) asked.add('pet');
      for (const structure of structures) {
        const c = spec.structures.indexOf(structure);
        const ofStructure = (answers: Float32Array | null) => answers?.subarray(c * voxels, (c + 1) * voxels);
        const [ct, pet] = [ofStructure(opinion.ct), opinion.isThere[c] ? ofStructure(opinion.pet) : null];
        if (ct) said.ct.add(structure, ct, origin, spec.patch);
        if (pet) said.pet.add(structure, pet, origin, spec.patch);
        if (!ct || !pet) continue;
        said.agreed.add(structure, agreedOn({ ct, pet }), origin, spec.patch);
        differences.set(structure, differenceOf({ ct, pet }, grid, origin, spec.patch));
      }
      await breathe();
    }
  }
  const maskOf = (who: keyof typeof said, isAsked: boolean) => (isAsked ? { grid, voxels: said[who].voxels } : null);
  const [isCt, isPet] = [asked.has('ct'), asked.has('pet')];
  return {
    seen: { student: found, ct: maskOf('ct', isCt), pet: maskOf('pet', isPet), agreed: maskOf('agreed', isCt && isPet) },
    differences: [...differences].map(([structure, difference]) => ({ structure, ...difference })),
  };
}

/** Crops of a prepared case around these voxels as the method's patches, without any random change. */
export function patchesAround(
  centres: readonly Index3[],
  study: Prepared,
  spec: StudentSpec,
  views: readonly TeacherView[],
): UnlabelledPatches {
  const [channels, voxels] = [spec.channels.length, spec.patch[0] * spec.patch[1] * spec.patch[2]];
  const sides = patchDims(spec);
  const plain = new Float32Array(centres.length * channels * voxels);
  const seen = views.map(() => new Float32Array(centres.length * voxels));
  for (const [n, centre] of centres.entries()) {
    const images = [
      ...Array.from({ length: channels }, (_, c) => plain.subarray((n * channels + c) * voxels, (n * channels + c + 1) * voxels)),
      ...seen.map((view) => view.subarray(n * voxels, (n + 1) * voxels)),
    ];
    cutPatch(study, { centre, linear: asTheyAre, elastic: null, flip: false }, spec.patch, images, null, []);
    for (const [v, view] of views.entries()) standardise(images[channels + v], view.huWindow);
  }
  const image: Tensor<Float32Array> = { dims: [centres.length, channels, ...sides], data: plain };
  return {
    cases: centres.map(() => 0),
    student: image,
    plain: image,
    views: seen.map((data) => ({ dims: [centres.length, 1, ...sides], data })),
  };
}

/** A mask on the grid that the case is shown on. */
function onGridOf({ channels: [{ grid }] }: StoredCase, mask: Mask): Uint8Array {
  return mask.grid === grid ? mask.voxels : (resample(mask, grid, 'nearest').voxels as Uint8Array);
}
