/** Prompting a teacher: what a person points at, the mask that comes back, and how labels remember where they came from. */
import type { CaseId, FileHash, RunId } from './domain';
import type { Index3, PointMm } from './geometry';
import type { MomentSource } from './ledger';
import type { TeacherId } from './teachers';

declare const brand: unique symbol;
export type PreviewId = string & { readonly [brand]: 'preview' };

export interface PromptPoint {
  /** RAS+. */
  mm: PointMm;
  /** On the structure, or beside it. */
  positive: boolean;
}

export interface Prompt {
  points: PromptPoint[];
  /** Two opposite corners on the plane, RAS+; only teachers of slices understand boxes. */
  box: { from: PointMm; to: PointMm } | null;
  /** An earlier preview of the same teacher, case, channel and place that this one refines; null begins afresh. */
  refines: PreviewId | null;
}

/** A slice of a case: voxels whose index along `axis` (0 is i) is `index`. */
export interface PromptPlane {
  axis: 0 | 1 | 2;
  index: number;
}

/** Intensities that become black and white for teachers of slices, in the channel's unit. */
export interface PromptWindow {
  low: number;
  high: number;
}

/** Part of a case's grid: `size` voxels from voxel `origin`. A size of 0 is empty. */
export interface VoxelBox {
  origin: Index3;
  size: Index3;
}

/** What a teacher is doing for a prompt: getting ready, looking at an image that is new to it, drawing the mask. */
export type PromptStage = 'preparing' | 'reading' | 'outlining';

/** A mask a teacher proposes. Nothing of it is in the project until it is accepted; it is gone when the project is closed. */
export interface Preview {
  id: PreviewId;
  teacher: TeacherId;
  case: CaseId;
  /** Position of the channel that was looked at. */
  channel: number;
  structure: number;
  plane: PromptPlane | null;
  /** What the teacher looked at: the slice, or the crop around the first positive point, as far as it lies in the case. */
  seen: VoxelBox;
  /** The smallest box around the mask. */
  box: VoxelBox;
  /** The voxels of `box` as uint8, i fastest: 1 in the mask, 0 beside it. Fetched like any stored file; null where the mask is empty. */
  file: FileHash | null;
  /** Voxels in the mask. */
  voxels: number;
  /** The teacher's own guess of its overlap with the structure meant (intersection over union), about 0 … 1. */
  confidence: number;
  /** Whether the teacher had to look at the image, which is slow, or had seen it before. */
  embedding: 'made' | 'found';
  seconds: number;
  /** Sentences worth reading, for example that the teacher was trained on another modality. */
  cautions: string[];
}

/**
 * What accepting does to the structure, within what the teacher saw; beyond it nothing changes.
 * `replace`: it becomes the mask; `add`: it gains the mask; `subtract`: it loses the mask.
 */
export const acceptances = ['replace', 'add', 'subtract'] as const;
export type Acceptance = (typeof acceptances)[number];

/** How a label revision came to be, where it was not imported. */
export type LabelMade =
  | {
      by: 'prompt';
      teacher: TeacherId;
      /** As it was called then. */
      teacherName: string;
      /** SHA-256 of the weights. */
      weights: FileHash;
      channel: number;
      structure: number;
      how: Acceptance;
      others: 'keep' | 'overwrite';
      plane: PromptPlane | null;
      /** The prompt, and before it those it refined, newest first. */
      prompts: Omit<Prompt, 'refines'>[];
      confidence: number;
    }
  /** What the student or a teacher of a run saw at one of its moments; `mask` is the file it was taken from. */
  | { by: 'moment'; run: RunId; runNumber: number; step: number; source: MomentSource; structure: number; mask: FileHash }
  /** An earlier revision made current again; 0 stands for having no label. */
  | { by: 'restore'; revision: number };
