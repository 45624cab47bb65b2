/** What the demo's teachers are and how they are trained. Small networks of the released architectures; none has seen a torso. */
import type { PracticeConfig } from '../../../src/main/methods/practice/practice';
import type { SamSpec } from '../../../src/main/networks/sam/spec';

export interface PracticeRecipe {
  kind: 'volume' | 'slice';
  modality: 'CT' | 'PET' | 'any';
  config: PracticeConfig;
  steps: number;
  rate: number;
  /** Rounds of prompts that an image stays for. */
  rounds: number;
  seed: number;
  metadata: Record<string, string>;
}

/** As many tokens as SAM-Med3D has, of 30 mm: windows of 4 where released weights have 14, which on this grid would be filling. */
const volume: SamSpec = {
  axes: 3,
  channels: 1,
  imageSide: 48,
  patch: 6,
  width: 128,
  depth: 5,
  heads: 4,
  mlpWidth: 512,
  window: 4,
  globalBlocks: [2, 4],
  promptWidth: 96,
  maskWidth: 16,
  decoder: { depth: 2, heads: 8, mlpWidth: 256 },
  qualityWidth: 64,
  masks: 4,
};

const volumeConfig: PracticeConfig = {
  spec: volume,
  images: 2,
  kinds: [
    { name: 'clicks', perImage: 2, points: 3, mask: 'given' },
    { name: 'click', perImage: 1, points: 1, mask: 'given' },
    { name: 'masked', perImage: 1, points: 0, mask: 'given' },
  ],
};

const about = (what: string) =>
  `A small demo teacher, trained on synthetic bodies without anatomy so that the program can be tried without released weights. ${what} Not for use on patients.`;
const licence = { 'understudy.licence': 'Apache-2.0' };

export const recipes: Readonly<Record<string, PracticeRecipe>> = {
  ct: {
    kind: 'volume',
    modality: 'CT',
    config: volumeConfig,
    steps: 5000,
    rate: 1e-3,
    rounds: 3,
    seed: 1,
    metadata: {
      'understudy.family': 'sam-med3d',
      'understudy.name': 'Demo teacher for CT',
      'understudy.modality': 'CT',
      'understudy.spacingMm': '5',
      'understudy.intensity': 'z-score over positive',
      'understudy.about': about('It has the architecture of SAM-Med3D and looks at cubes of 240 mm.'),
      ...licence,
    },
  },
  pet: {
    kind: 'volume',
    modality: 'PET',
    config: volumeConfig,
    steps: 4000,
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
};
