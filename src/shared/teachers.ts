/** Teachers: foundation models a person has brought, what each family expects of an image, and under which terms it may be used. */
import type { FileHash, Modality } from './domain';
import type { Device } from './runs';

declare const brand: unique symbol;
export type TeacherId = string & { readonly [brand]: 'teacher' };

export const teacherFamilies = ['sam', 'medsam', 'sam-med3d', 'segany-pet', 'dinov3', 'onnx'] as const;
export type TeacherFamily = (typeof teacherFamilies)[number];

/** What shapes alone can tell. Families of one architecture differ in nothing but the numbers in their weights. */
export type Architecture = 'sam-2d' | 'sam-3d' | 'dinov3' | 'onnx';
export const architectureOf: Readonly<Record<TeacherFamily, Architecture>> = {
  sam: 'sam-2d',
  medsam: 'sam-2d',
  'sam-med3d': 'sam-3d',
  'segany-pet': 'sam-3d',
  dinov3: 'dinov3',
  onnx: 'onnx',
};

/** Of networks that look at volumes. With the second and third CT is brought into a window for soft tissues first, for networks that were trained so. */
export const volumeTreatments = [
  'z-score over positive',
  'z-score over positive of soft tissue',
  'z-score over positive of squeezed soft tissue',
] as const;
/** How intensities become what the network was trained on, once the display window or the whole range has been brought to 0 … 1. */
export const intensityTreatments = ['imagenet', 'unit', ...volumeTreatments, 'none'] as const;
export type IntensityTreatment = (typeof intensityTreatments)[number];
export const isVolumeTreatment = (treatment: IntensityTreatment): boolean => volumeTreatments.some((one) => one === treatment);

export type HuRange = readonly [low: number, high: number];
/** How intensities in HU are brought into a range before a network sees them. */
export interface HuWindow {
  range: HuRange;
  /** What a difference beyond the range still counts: 0 cuts it off, 0.15 leaves 15 %, so that lungs and air can be told apart. */
  beyond: number;
}
/**
 * SAM-Med3D's own range (Wang et al. 2023, arXiv 2310.15161; uni-medical/SAM-Med3D, training and data loader), and a window for soft tissues
 * (level 40, width 400): scaled by positive voxels after the first, air and lungs lie ten times as far away as tissues lie apart.
 */
export const ranges = { samMed3d: [-1000, 1000], softTissue: [-160, 240] } as const satisfies Record<string, HuRange>;

export const huWindows = {
  samMed3d: { range: ranges.samMed3d, beyond: 0 },
  softTissue: { range: ranges.softTissue, beyond: 0 },
  squeezed: { range: ranges.softTissue, beyond: 0.15 },
} as const satisfies Record<string, HuWindow>;

/** What a teacher of volumes has CT brought into; SegAnyPET (Zhang et al. 2025, arXiv 2502.14351) prepares volumes as SAM-Med3D does, but cuts nothing. */
export const huWindowOf = ({ family, intensity }: Pick<Teacher, 'family' | 'intensity'>): HuWindow | null => {
  if (intensity === 'z-score over positive of squeezed soft tissue') return huWindows.squeezed;
  if (intensity === 'z-score over positive of soft tissue') return huWindows.softTissue;
  return family === 'segany-pet' ? null : huWindows.samMed3d;
};

export interface Licence {
  /** Its name, by SPDX where it has one there. */
  name: string;
  /** What it allows and asks for, in sentences of our own. The licence itself decides. */
  summary: string;
  /** Where the licence itself can be read. */
  where: string;
}

/** What an image must be for a teacher. */
export interface TeacherInput {
  axes: 2 | 3;
  channels: number;
  /** Voxels along each axis of the array, slowest first; null where any multiple of `multipleOf` will do. */
  sides: (number | null)[];
  multipleOf: number;
}

/** What a teacher made of a fixed image: a few numbers of every result, by its name. */
export type CheckNumbers = Record<string, number[]>;

/** How a teacher did on one device of one machine. */
export interface TeacherCheck {
  device: Device;
  /** The processor's model: speeds of other machines say nothing about this one. */
  machine: string;
  /** Largest difference from the stored numbers, relative to the largest of them. */
  difference: number;
  agrees: boolean;
  /** Of one image: an embedding, or for an ONNX model its answer. */
  seconds: number;
  at: string;
}

export interface Teacher {
  id: TeacherId;
  name: string;
  family: TeacherFamily;
  /** Its size, such as `ViT-B`. */
  variant: string;
  parameters: number;
  input: TeacherInput;
  /** What it expects to see; null where anything will do or nobody has said. */
  modality: Modality | null;
  /** Side of the voxels it was trained on; null where that does not matter or nobody has said. */
  spacingMm: number | null;
  intensity: IntensityTreatment;
  /** Null until a person says, where it cannot be known from the family. */
  licence: Licence | null;
  /** When a person accepted the licence; before that it must not be used. */
  acceptedAt: string | null;
  /** What its authors say of it, in sentences; null where its file says nothing. */
  about: string | null;
  /** The file as it was brought. */
  source: { fileName: string; hash: FileHash; bytes: number; format: string };
  /** The weights in the project's folder (safetensors, or the ONNX model itself). */
  file: FileHash;
  /** What it made of the fixed image when it was imported; null if that is still to be done. */
  reference: CheckNumbers | null;
  /** Newest per device, for every machine it was checked on. */
  checks: TeacherCheck[];
  addedAt: string;
}

/** A teacher that can be taken into the project without its file: from the person's own library, or from what came with the program. */
export interface LibraryTeacher extends Omit<Teacher, 'id' | 'file' | 'reference' | 'checks'> {
  from: 'library' | 'program';
  /** As which teacher the project has it; null where it has not. */
  here: TeacherId | null;
}

/** What a weights file says of itself; everything else follows from its family. */
export type StatedFacts = Partial<Pick<Teacher, 'family' | 'name' | 'modality' | 'spacingMm' | 'intensity' | 'licence' | 'about'>>;

export interface TeacherImportReport {
  imported: { teacher: TeacherId; name: string; file: string; notes: string[] }[];
  refused: { file: string; code: string; sentence: string }[];
}

/** What is known of a family before anyone has said more. */
export interface FamilyFacts {
  title: string;
  modality: Modality | null;
  spacingMm: number | null;
  intensity: IntensityTreatment;
  licence: Licence | null;
  /** What to download, in one sentence. */
  get: string;
}

const apache = (where: string): Licence => ({
  name: 'Apache-2.0',
  summary:
    'Free to use, change and pass on, in research and commercially, as long as the licence and its notices go with every copy and changes are named. It comes without warranty, and a patent lawsuit over it ends the patent grant.',
  where,
});

export const familyFacts: Readonly<Record<TeacherFamily, FamilyFacts>> = {
  sam: {
    title: 'SAM',
    modality: null,
    spacingMm: null,
    intensity: 'imagenet',
    licence: apache('LICENSE in the segment-anything repository of facebookresearch'),
    get: 'SAM: sam_vit_b_01ec64.pth, sam_vit_l_0b3195.pth or sam_vit_h_4b8939.pth, from the segment-anything repository of facebookresearch.',
  },
  medsam: {
    title: 'MedSAM',
    modality: null,
    spacingMm: null,
    intensity: 'unit',
    licence: apache('LICENSE in the MedSAM repository of bowang-lab'),
    get: 'MedSAM: medsam_vit_b.pth, linked from the MedSAM repository of bowang-lab.',
  },
  'sam-med3d': {
    title: 'SAM-Med3D',
    modality: 'CT',
    spacingMm: 1.5,
    intensity: 'z-score over positive',
    licence: apache('LICENSE in the SAM-Med3D repository of uni-medical'),
    get: 'SAM-Med3D: sam_med3d_turbo.pth, linked from the SAM-Med3D repository of uni-medical.',
  },
  'segany-pet': {
    title: 'SegAnyPET',
    modality: 'PET',
    spacingMm: 1.5,
    intensity: 'z-score over positive',
    licence: null,
    get: 'SegAnyPET: the SegAnyPET weights, linked from the SegAnyPET repository of YichiZhang98.',
  },
  dinov3: {
    title: 'DINOv3',
    modality: null,
    spacingMm: null,
    intensity: 'imagenet',
    licence: {
      name: 'DINOv3 License',
      summary:
        'Access is given by Meta on request. Use in research and commercially is allowed, but not for military or weapons purposes, nor against trade controls or sanctions. Whoever passes the weights or a model made from them on must do so under the same licence and with a copy of it, and publications must name DINOv3. Do not put the weights where others can take them without asking.',
      where: 'LICENSE.md in the dinov3 repository of facebookresearch, and the page where access is asked for',
    },
    get: 'DINOv3: dinov3_vits16, vitb16 or vitl16 (.pth or .safetensors), from Meta after asking for access.',
  },
  onnx: {
    title: 'ONNX model',
    modality: null,
    spacingMm: null,
    intensity: 'none',
    licence: null,
    get: 'Any segmentation network as one .onnx file, with one image in and one map per class out.',
  },
};

/** What file names give away where shapes cannot. */
const hints: readonly (readonly [RegExp, TeacherFamily])[] = [
  [/med[-_ ]?sam(?![-_ ]?2)/i, 'medsam'],
  [/seg[-_ ]?any[-_ ]?pet/i, 'segany-pet'],
  [/sam[-_ ]?med[-_ ]?3d/i, 'sam-med3d'],
];

/** The family of a file: what the person says, else what its name hints at, else the only (or usual) one of its architecture; null where they must say. */
export function familyOf(architecture: Architecture, fileName: string, said: TeacherFamily | null): TeacherFamily | null {
  const fits = (family: TeacherFamily) => architectureOf[family] === architecture;
  if (said !== null) return fits(said) ? said : null;
  const hint = hints.find(([pattern, family]) => fits(family) && pattern.test(fileName))?.[1];
  if (hint) return hint;
  return architecture === 'sam-3d' ? null : (teacherFamilies.find(fits) ?? null);
}

/** Families whose weights have the same shapes as this one's, itself included. */
export const twinsOf = (architecture: Architecture): TeacherFamily[] =>
  teacherFamilies.filter((family) => architectureOf[family] === architecture);
