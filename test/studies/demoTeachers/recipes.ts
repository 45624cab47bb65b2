/** What the demo's teachers are and how they are trained. Small networks of the released architectures; none has seen a torso. */
import type { PracticeConfig, PromptKind } from '../../../src/main/methods/practice/practice';
import type { SelfDistillationConfig } from '../../../src/main/methods/practice/selfDistillation';
import type { SamSpec } from '../../../src/main/networks/sam/spec';

interface Common {
  steps: number;
  rate: number;
  seed: number;
  /** What the file says of itself. */
  metadata: Record<string, string>;
}
/** One that is prompted: trained by practice. */
export interface PracticeRecipe extends Common {
  trained: 'practice';
  sees: 'CT' | 'PET' | 'slices of both';
  config: PracticeConfig;
  /** Rounds of prompts that an image stays for. */
  rounds: number;
  /** Begins with the weights of that recipe, found where finished teachers go, and not anew. */
  from?: string;
  /** Further courses, each from where the one before it ended, at rates that fall anew (warm restarts, Loshchilov & Hutter 2017). */
  again?: readonly { steps: number; rate: number }[];
}
/** One that gives features: trained by self-distillation. */
export interface FeatureRecipe extends Common {
  trained: 'self-distillation';
  config: SelfDistillationConfig;
}

/** Tokens of 20 mm, nearly as many per organ as SAM-Med3D has, and masks as fine as the image: with tokens of 30 mm small organs stayed at half of their Dice. */
const volume: SamSpec = {
  axes: 3,
  channels: 1,
  imageSide: 48,
  patch: 4,
  width: 128,
  depth: 4,
  heads: 4,
  mlpWidth: 512,
  window: 6,
  globalBlocks: [1, 3],
  promptWidth: 144,
  maskWidth: 24,
  decoder: { depth: 2, heads: 8, mlpWidth: 256 },
  qualityWidth: 64,
  masks: 4,
};

/** @param clicks prompts of several clicks an image is asked about with, and how many of them begin with more than one */
const volumeConfig = (clicks: Pick<PromptKind, 'perImage' | 'atOnce'>): PracticeConfig => ({
  spec: volume,
  images: 2,
  kinds: [
    { name: 'clicks', points: 3, mask: 'given', ...clicks },
    { name: 'click', perImage: 1, points: 1, mask: 'given' },
    { name: 'masked', perImage: 1, points: 0, mask: 'given' },
  ],
});

const about = (what: string) =>
  `A small demo teacher, trained on synthetic bodies of no anatomy or an invented one so that the program can be tried without released weights. ${what} Not for use on patients.`;
const licence = { 'understudy.licence': 'Apache-2.0' };

const slice: SamSpec = {
  axes: 2,
  channels: 3,
  imageSide: 128,
  patch: 8,
  width: 128,
  depth: 4,
  heads: 4,
  mlpWidth: 512,
  window: 8,
  globalBlocks: [1, 3],
  promptWidth: 96,
  maskWidth: 16,
  decoder: { depth: 2, heads: 8, mlpWidth: 256 },
  qualityWidth: 64,
  masks: 4,
};

export const recipes: Readonly<Record<string, PracticeRecipe | FeatureRecipe>> = {
  ct: {
    trained: 'practice',
    sees: 'CT',
    // People correct it click by click.
    config: volumeConfig({ perImage: 3, atOnce: 0.25 }),
    steps: 4200,
    rate: 1.5e-3,
    again: [
      { steps: 1200, rate: 7.5e-4 },
      { steps: 500, rate: 4e-4 },
    ],
    rounds: 3,
    seed: 1,
    metadata: {
      'understudy.family': 'sam-med3d',
      'understudy.name': 'Demo teacher for CT',
      'understudy.modality': 'CT',
      'understudy.spacingMm': '5',
      'understudy.intensity': 'z-score over positive of squeezed soft tissue',
      'understudy.about': about('It has the architecture of SAM-Med3D and looks at cubes of 240 mm.'),
      ...licence,
    },
  },
  pet: {
    trained: 'practice',
    sees: 'PET',
    // MuDuo asks it by clicks spread over a structure.
    config: volumeConfig({ perImage: 2 }),
    // It looks like the one for CT, and prompts mean the same to it.
    from: 'ct',
    steps: 800,
    rate: 1e-3,
    rounds: 3,
    seed: 2,
    metadata: {
      'understudy.family': 'segany-pet',
      'understudy.name': 'Demo teacher for PET',
      'understudy.modality': 'PET',
      'understudy.spacingMm': '5',
      'understudy.intensity': 'z-score over positive',
      'understudy.about': about('It has the architecture of SegAnyPET and looks at cubes of 240 mm.'),
      ...licence,
    },
  },
  slices: {
    trained: 'practice',
    sees: 'slices of both',
    config: {
      spec: slice,
      images: 4,
      kinds: [
        { name: 'click', perImage: 2, points: 1, mask: 'none' },
        { name: 'box', perImage: 1, points: 0, boxes: true, mask: 'none' },
        { name: 'clicks', perImage: 1, points: 3, mask: 'given' },
      ],
    },
    steps: 2200,
    rate: 1.5e-3,
    rounds: 3,
    seed: 3,
    metadata: {
      'understudy.family': 'sam',
      'understudy.name': 'Demo teacher for slices',
      'understudy.modality': 'any',
      'understudy.spacingMm': 'any',
      'understudy.intensity': 'imagenet',
      'understudy.about': about('It has the architecture of SAM and looks at slices at 128 pixels.'),
      ...licence,
    },
  },
  features: {
    trained: 'self-distillation',
    config: {
      spec: {
        inChannels: 3,
        patch: 8,
        width: 96,
        depth: 4,
        heads: 6,
        storageTokens: 4,
        feedForward: { kind: 'mlp', hidden: 384 },
        biases: { qkv: 'keysMasked', projection: true, feedForward: true },
        norms: { classApart: false, localClassApart: false },
      },
      images: 8,
      side: 96,
      head: { hidden: 192, width: 64, kinds: 512 },
    },
    steps: 1500,
    rate: 1e-3,
    seed: 4,
    metadata: {
      'understudy.family': 'dinov3',
      'understudy.name': 'Demo encoder of features',
      'understudy.modality': 'any',
      'understudy.spacingMm': 'any',
      'understudy.intensity': 'imagenet',
      'understudy.about': about('It has the architecture of DINOv3 and was trained without labels.'),
      ...licence,
    },
  },
};
