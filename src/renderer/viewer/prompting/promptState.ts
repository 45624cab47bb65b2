/** What a person prompts, what was answered, and what every key does in every state. Pure: requests leave as effects and come back as events. */
import type { PointMm } from '../../../shared/geometry';
import type { Acceptance, PreviewId, Prompt, PromptPlane, PromptPoint } from '../../../shared/prompts';
import type { LabelChange, PromptAnswer, PromptProgress, PromptTeacher } from './service';

export type PromptMode = 'off' | 'point' | 'box';
export type PromptBox = NonNullable<Prompt['box']>;

export interface Prompts {
  readonly points: readonly PromptPoint[];
  readonly box: PromptBox | null;
  /** The slice that was prompted last. */
  readonly plane: PromptPlane;
}

/** Prompts at one moment, the answer they build on, and their own once it has come. */
interface Step {
  readonly number: number;
  readonly prompts: Prompts;
  readonly refines: PreviewId | null;
  readonly answer: PromptAnswer | null;
}

export type ChosenTeacher = Pick<PromptTeacher, 'id' | 'axes'>;

export interface PromptState {
  readonly mode: PromptMode;
  /** Of the next point. */
  readonly isPositive: boolean;
  readonly how: Acceptance;
  /** Whether the mask shown is part of the next prompt. */
  readonly refine: boolean;
  readonly teacher: ChosenTeacher | null;
  /** Position of the channel the teacher looks at. */
  readonly channel: number;
  readonly structure: number | null;
  /** The first is empty; those after `at` can be redone. */
  readonly steps: readonly Step[];
  readonly at: number;
  /** A box being dragged. */
  readonly draft: { readonly box: PromptBox; readonly plane: PromptPlane } | null;
  /** Number of the step whose answer is awaited. */
  readonly asking: number | null;
  /** What the teacher does for it; null before anything was heard. */
  readonly progress: PromptProgress | null;
  /** The last good answer to prompts like these. */
  readonly shown: PromptAnswer | null;
  readonly saving: 'accept' | 'restore' | null;
  /** Why the last request failed, as a sentence. */
  readonly failure: string | null;
  /** Accepted masks of this case, oldest first; those from `savedAt` on were taken back. */
  readonly saved: readonly LabelChange[];
  readonly savedAt: number;
  readonly lastNumber: number;
}

export type PromptEvent =
  | { readonly is: 'mode'; readonly mode: PromptMode }
  | { readonly is: 'polarity'; readonly isPositive: boolean }
  | { readonly is: 'how'; readonly how: Acceptance }
  | { readonly is: 'refine'; readonly refine: boolean }
  | { readonly is: 'teacher'; readonly teacher: ChosenTeacher }
  | { readonly is: 'channel'; readonly channel: number }
  | { readonly is: 'structure'; readonly structure: number }
  | { readonly is: 'point'; readonly mm: PointMm; readonly isPositive: boolean; readonly plane: PromptPlane }
  | { readonly is: 'draft'; readonly draft: PromptState['draft'] }
  | { readonly is: 'box'; readonly box: PromptBox; readonly plane: PromptPlane }
  | { readonly is: 'undo' | 'redo' | 'again' | 'accept' | 'cancel' | 'leave' }
  | { readonly is: 'answered'; readonly number: number; readonly answer: PromptAnswer }
  | { readonly is: 'progress'; readonly number: number; readonly progress: PromptProgress }
  | { readonly is: 'failed'; readonly number: number; readonly sentence: string }
  | { readonly is: 'accepted'; readonly change: LabelChange }
  | { readonly is: 'restored'; readonly savedAt: number }
  | { readonly is: 'notSaved'; readonly sentence: string };

export type PromptEffect =
  /** Asks for a mask; whatever was asked before is not wanted any more. */
  | { readonly do: 'ask'; readonly number: number; readonly prompts: Prompts; readonly refines: PreviewId | null }
  | { readonly do: 'stop' }
  | { readonly do: 'discard'; readonly preview: PreviewId }
  | { readonly do: 'accept'; readonly preview: PreviewId; readonly structure: number; readonly how: Acceptance }
  | { readonly do: 'restore'; readonly revision: number; readonly savedAt: number };

export interface Outcome {
  readonly state: PromptState;
  readonly effects: readonly PromptEffect[];
}

const empty: Step = { number: 0, prompts: { points: [], box: null, plane: { axis: 2, index: 0 } }, refines: null, answer: null };

export const openingPrompts: PromptState = {
  mode: 'off',
  isPositive: true,
  how: 'replace',
  refine: true,
  teacher: null,
  channel: 0,
  structure: null,
  steps: [empty],
  at: 0,
  draft: null,
  asking: null,
  progress: null,
  shown: null,
  saving: null,
  failure: null,
  saved: [],
  savedAt: 0,
  lastNumber: 0,
};

export const promptsOf = ({ steps, at }: Pick<PromptState, 'steps' | 'at'>): Prompts => steps[at].prompts;

/** Points beside a structure alone do not say where it is, and teachers of volumes understand no boxes. */
export const canBeAsked = ({ points, box }: Prompts, teacher: ChosenTeacher | null): boolean =>
  points.some(({ positive }) => positive) || (box !== null && teacher?.axes !== 3);

export const canAccept = ({ shown, asking, saving, structure }: PromptState): boolean =>
  shown !== null && shown.voxels > 0 && asking === null && saving === null && structure !== null;
const canUndoSaved = ({ steps, savedAt }: PromptState): boolean => steps.length === 1 && savedAt > 0;
const canRedoSaved = ({ steps, saved, savedAt }: PromptState): boolean => steps.length === 1 && savedAt < saved.length;
export const canUndo = (state: PromptState): boolean => state.saving === null && (state.at > 0 || canUndoSaved(state));
export const canRedo = (state: PromptState): boolean => state.saving === null && (state.at < state.steps.length - 1 || canRedoSaved(state));

const unchanged = (state: PromptState): Outcome => ({ state, effects: [] });
const stops = ({ asking }: PromptState): PromptEffect[] => (asking === null ? [] : [{ do: 'stop' }]);
/** Answers that no step of `state` has any more. */
function discards(before: PromptState, state: PromptState): PromptEffect[] {
  const kept = new Set([...state.steps.map(({ answer }) => answer?.id), state.shown?.id]);
  const all = new Set([...before.steps.map(({ answer }) => answer?.id), before.shown?.id]);
  return [...all].flatMap((id) => (id && !kept.has(id) ? [{ do: 'discard', preview: id } as const] : []));
}

/** Shows the answer that the present prompts have, or asks for it. */
function settle(state: PromptState): Outcome {
  const { prompts, answer, number, refines } = state.steps[state.at];
  const idle = { ...state, asking: null, progress: null, failure: null };
  if (!canBeAsked(prompts, state.teacher)) return { state: { ...idle, shown: null }, effects: stops(state) };
  if (answer) return { state: { ...idle, shown: answer }, effects: stops(state) };
  const missing = state.teacher === null ? 'teacher' : state.structure === null ? 'structure' : null;
  if (missing) return { state: { ...idle, failure: `Choose a ${missing} first.` }, effects: stops(state) };
  return { state: { ...idle, asking: number }, effects: [{ do: 'ask', number, prompts, refines }] };
}

function settled(before: PromptState, next: PromptState): Outcome {
  const { state, effects } = settle(next);
  return { state, effects: [...effects, ...discards(before, state)] };
}

const samePlane = (a: PromptPlane, b: PromptPlane): boolean => a.axis === b.axis && a.index === b.index;
const firstPositive = ({ points }: Prompts) => points.find(({ positive }) => positive);

/** Takes a prompt as the newest step; what could be redone is gone. A teacher of slices begins afresh on another slice. */
function prompt(before: PromptState, plane: PromptPlane, add: (prompts: Prompts) => Partial<Prompts>): Outcome {
  if (before.saving !== null) return unchanged(before);
  const past = before.steps.slice(0, before.at + 1);
  const last = past[before.at];
  const staysHere = before.teacher?.axes !== 2 || samePlane(plane, last.prompts.plane);
  const known = staysHere ? last.prompts : empty.prompts;
  const prompts = { ...known, ...add(known), plane };
  const number = before.lastNumber + 1;
  // The place of a teacher of volumes is its first positive point: a mask from before there was one lies elsewhere.
  const isSamePlace = staysHere && (before.teacher?.axes !== 3 || firstPositive(prompts) === firstPositive(last.prompts));
  const refines = before.refine && isSamePlace ? (last.answer?.id ?? last.refines) : null;
  const steps = [...past, { number, prompts, refines, answer: null }];
  return settled(before, { ...before, steps, at: past.length, lastNumber: number, draft: null });
}

/** Another teacher or channel makes every answer so far one to another question. */
function askAnew(before: PromptState, change: Partial<PromptState>): Outcome {
  const { steps, lastNumber } = before;
  const anew = steps.map((step, rank) => ({ ...step, number: lastNumber + rank + 1, refines: null, answer: null }));
  return settled(before, { ...before, ...change, steps: anew, lastNumber: lastNumber + steps.length, shown: null });
}

/** The prompts are gone, and with them their answers. */
function cleared(before: PromptState, change: Partial<PromptState> = {}): Outcome {
  const state = { ...before, steps: [empty], at: 0, draft: null, asking: null, shown: null, failure: null, ...change };
  return { state, effects: [...stops(before), ...discards(before, state)] };
}

function goTo(state: PromptState, by: 1 | -1): Outcome {
  if (state.saving !== null) return unchanged(state);
  const to = state.at + by;
  if (to >= 0 && to < state.steps.length) return settled(state, { ...state, at: to, draft: null });
  if (by < 0 ? !canUndoSaved(state) : !canRedoSaved(state)) return unchanged(state);
  const savedAt = state.savedAt + by;
  const revision = by < 0 ? state.saved[savedAt].before : state.saved[state.savedAt].after;
  return { state: { ...state, saving: 'restore', failure: null }, effects: [{ do: 'restore', revision, savedAt }] };
}

function cancel(state: PromptState): Outcome {
  if (state.saving !== null) return unchanged(state);
  if (state.draft) return unchanged({ ...state, draft: null });
  if (state.steps.length > 1 || state.failure !== null) return cleared(state);
  return unchanged({ ...state, mode: 'off' });
}

/** Asks the present prompts once more, on their own: what they were to refine may be what failed. */
function again(state: PromptState): Outcome {
  if (state.asking !== null || state.saving !== null) return unchanged(state);
  const steps = state.steps.map((step, rank) => (rank === state.at ? { ...step, refines: null } : step));
  return settled(state, { ...state, steps });
}

function answered(before: PromptState, number: number, answer: PromptAnswer): Outcome {
  if (number !== before.asking) return { state: before, effects: [{ do: 'discard', preview: answer.id }] };
  const steps = before.steps.map((step) => (step.number === number ? { ...step, answer } : step));
  const state = { ...before, steps, asking: null, shown: answer, failure: null };
  return { state, effects: discards(before, state) };
}

function accept(state: PromptState): Outcome {
  const { shown, structure, how } = state;
  if (!canAccept(state) || shown === null || structure === null) return unchanged(state);
  return { state: { ...state, saving: 'accept', failure: null }, effects: [{ do: 'accept', preview: shown.id, structure, how }] };
}

/** What an event makes of the state, and what has to be done about it outside. */
export function reduce(state: PromptState, event: PromptEvent): Outcome {
  switch (event.is) {
    case 'mode':
      return unchanged({ ...state, mode: event.mode, draft: null });
    case 'polarity':
      return unchanged({ ...state, isPositive: event.isPositive });
    case 'how':
      return unchanged({ ...state, how: event.how });
    case 'refine':
      return unchanged({ ...state, refine: event.refine });
    case 'teacher':
      return event.teacher.id === state.teacher?.id ? unchanged(state) : askAnew(state, { teacher: event.teacher });
    case 'channel':
      return event.channel === state.channel ? unchanged(state) : askAnew(state, { channel: event.channel });
    case 'structure':
      // A mask is the same whichever structure it becomes; without any structure it was not asked for yet.
      return state.structure === null
        ? settled(state, { ...state, structure: event.structure })
        : unchanged({ ...state, structure: event.structure });
    case 'point':
      return prompt(state, event.plane, ({ points }) => ({ points: [...points, { mm: event.mm, positive: event.isPositive }] }));
    case 'draft':
      return unchanged({ ...state, draft: event.draft });
    case 'box':
      return prompt(state, event.plane, () => ({ box: event.box }));
    case 'undo':
      return goTo(state, -1);
    case 'redo':
      return goTo(state, 1);
    case 'again':
      return again(state);
    case 'answered':
      return answered(state, event.number, event.answer);
    case 'progress':
      return event.number === state.asking ? unchanged({ ...state, progress: event.progress }) : unchanged(state);
    case 'failed':
      return event.number === state.asking ? unchanged({ ...state, asking: null, failure: event.sentence }) : unchanged(state);
    case 'accept':
      return accept(state);
    case 'accepted': {
      const saved = [...state.saved.slice(0, state.savedAt), event.change];
      return cleared(state, { saving: null, saved, savedAt: saved.length });
    }
    case 'restored':
      return unchanged({ ...state, saving: null, savedAt: event.savedAt });
    case 'notSaved':
      return unchanged({ ...state, saving: null, failure: event.sentence });
    case 'cancel':
      return cancel(state);
    case 'leave':
      return cleared(state, { saving: null, saved: [], savedAt: 0 });
  }
}
