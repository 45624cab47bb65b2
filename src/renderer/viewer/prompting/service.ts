/** What the room needs from outside to prompt a teacher. Whoever shows the room provides it; the room asks nobody itself. */
import type { Modality } from '../../../shared/domain';
import type { Acceptance, Preview, Prompt, PromptPlane, PromptStage, PromptWindow } from '../../../shared/prompts';
import type { TeacherId } from '../../../shared/teachers';

/** A teacher that takes prompts. */
export interface PromptTeacher {
  readonly id: TeacherId;
  readonly name: string;
  /** What it was made for; null where anything will do or nobody has said. */
  readonly modality: Modality | null;
  /** 2: it answers for one slice, and understands boxes. 3: for the body around the first point. */
  readonly axes: 2 | 3;
  /** Why it cannot be used yet, as a sentence; null when it can. */
  readonly hindrance: string | null;
}

export interface PromptQuestion {
  readonly teacher: TeacherId;
  /** Position of the channel the teacher looks at. */
  readonly channel: number;
  readonly structure: number;
  readonly prompt: Prompt;
  /** Null for teachers of volumes. */
  readonly plane: PromptPlane | null;
  /** What is on the screen, for teachers of slices. */
  readonly window: PromptWindow | null;
}

/** A teacher's mask with its voxels: 1 inside, 0 beside it, i fastest, on the preview's box. */
export interface PromptAnswer extends Preview {
  readonly mask: Uint8Array;
}

/** What a teacher does now, and for how many seconds if it goes as it last did. */
export interface PromptProgress {
  readonly stage: PromptStage;
  readonly seconds: number | null;
}

/** Why nobody waits for an answer: a prompt at the same place took over, whose answer needs the same reading of the image, or nothing did. */
export type NotWanted = 'superseded' | 'unwanted';

/** Label revisions before and after a change; 0 is no label. */
export interface LabelChange {
  readonly before: number;
  readonly after: number;
  /** Whether the label still has to be said to be complete. */
  readonly isDraft: boolean;
}

export interface PromptService {
  readonly teachers: readonly PromptTeacher[];
  /** Fails with a sentence for a person. `signal` says that nobody waits for the answer any more, and its reason is a `NotWanted`. */
  preview(question: PromptQuestion, signal: AbortSignal, tell: (progress: PromptProgress) => void): Promise<PromptAnswer>;
  accept(preview: Preview['id'], structure: number, how: Acceptance): Promise<LabelChange>;
  /** The answer will not be used. */
  discard(preview: Preview['id']): void;
  /** Makes the label what it was at a revision. */
  restore(revision: number): Promise<void>;
}
