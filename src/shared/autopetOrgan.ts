/**
 * AutoPET-Organ (100 studies of AutoPET with the organs that the SegAnyPET team drew in them) as MuDuo (Wu et al. 2026, arXiv 2606.15611) was
 * published on it: what channels and labels mean, which budgets of labels there are, and what a student is trained with. Plain data.
 */
import type { Modality } from './domain';
import type { MuduoSettings } from './methods';
import type { CommonSettings } from './runs';

/** What `_0000` and `_0001` show, in that order. */
export const autopetOrganChannels = ['CT', 'PET'] as const satisfies readonly Modality[];

/** Values of a label, by the lists in the descriptions of SegAnyPET and MuDuo. */
export const autopetOrganStructures: readonly { index: number; name: string }[] = [
  'liver',
  'left kidney',
  'right kidney',
  'heart',
  'spleen',
  'aorta',
  'prostate',
  'left lower lobe',
  'right lower lobe',
  'left upper lobe',
  'right upper lobe',
  'right middle lobe',
].map((name, at) => ({ index: at + 1, name }));

/** How many training cases keep their label; there are lists for each. */
export const autopetOrganBudgets = [5, 10, 20] as const;
export type AutopetOrganBudget = (typeof autopetOrganBudgets)[number];

export const autopetOrganConfigurationNames = ['published', 'scaled-batch', 'scaled-medium', 'scaled-small'] as const;
export type AutopetOrganConfigurationName = (typeof autopetOrganConfigurationNames)[number];

/** What a run is started with; the method adds its teachers, the machine its device. */
export interface AutopetOrganConfiguration {
  name: AutopetOrganConfigurationName;
  /** What it is, in a few words. */
  about: string;
  /** True where patch and voxel size are those of the teachers if there are any: a student has to see what they see. */
  followsTeachers: boolean;
  common: Omit<CommonSettings, 'name' | 'device'>;
  muduo: Omit<MuduoSettings, 'teachers' | 'choices'>;
}

/**
 * By the released training scripts of MuDuo: 2 + 2 patches of 128³, the student's widths 16 to 256 with dropout of 0.3, 30,000 steps for the prompt
 * generator and as many for the student, SGD at 0.01 falling polynomially, momentum 0.9, weight decay 0.0001, three clicks, the better half, and a
 * consistency that climbs to 0.1 over the whole run; validation every 1,000 steps. Patches lie anywhere, and nothing but position is augmented.
 * The voxel size is ours: the loader takes volumes as they were stored, which is not described; both teachers learned at 1.5 mm.
 * Three things differ: patches are flipped from left to right only, with names exchanged, where the scripts turn and flip along every axis and
 * keep names; the prompt generator sees as many labelled patches per step as the student (2; there 4); and it keeps its last weights, not its best.
 */
const published: AutopetOrganConfiguration = {
  name: 'published',
  about: 'as published',
  followsTeachers: false,
  common: {
    recompute: false,
    precision: 'full',
    width: 16,
    patch: [128, 128, 128],
    spacingMm: [1.5, 1.5, 1.5],
    batch: 2,
    steps: 30_000,
    rate: 0.01,
    warmupSteps: 0,
    momentum: 0.9,
    weightDecay: 1e-4,
    dropout: 0.3,
    foreground: 0,
    balance: 0,
    flips: true,
    intensity: 0,
    deformation: 0,
    labelledCases: null,
    validationCases: 0,
    validateEvery: 1_000,
    checkpointEvery: 100,
    seed: 1234,
  },
  muduo: {
    unlabelled: 2,
    consistency: 0.1,
    begins: 0,
    ramp: 1,
    clicks: 3,
    filter: 'betterHalf',
    generatorSteps: 30_000,
    moments: 5,
  },
};

/** Smaller ones for smaller machines. Their numbers are ours, and no published result belongs to them. */
export const autopetOrganConfigurations: readonly AutopetOrganConfiguration[] = [
  published,
  {
    ...published,
    name: 'scaled-batch',
    about: 'as published, with half the patches and activations made again',
    common: { ...published.common, batch: 1, recompute: true },
    muduo: { ...published.muduo, unlabelled: 1 },
  },
  {
    ...published,
    name: 'scaled-medium',
    about: 'coarser, and a fifth of the steps',
    followsTeachers: true,
    common: {
      ...published.common,
      ...{ patch: [96, 96, 96], spacingMm: [3, 3, 3], batch: 1, recompute: true, steps: 6_000, validateEvery: 500 },
    },
    muduo: { ...published.muduo, unlabelled: 1, generatorSteps: 6_000 },
  },
  {
    ...published,
    name: 'scaled-small',
    about: 'half as wide, and a twentieth of the steps',
    followsTeachers: true,
    common: {
      ...published.common,
      ...{ width: 8, patch: [64, 64, 64], spacingMm: [3, 3, 3], batch: 1, recompute: true, steps: 1_500, validateEvery: 300 },
    },
    muduo: { ...published.muduo, unlabelled: 1, generatorSteps: 1_500 },
  },
];
