/** What the prompt bar says: how the prompting stands, in one sentence. */
import { type Grid, voxelMl } from '../../../shared/geometry';
import { decimals, duration, millilitres } from '../../ui/numbers';
import { canBeAsked, type PromptState, promptsOf } from './promptState';
import type { PromptTeacher } from './service';
import { suits } from './teacherChoice';

export interface Standing {
  readonly text: string;
  readonly tone: 'plain' | 'busy' | 'bad';
  /** How far it is, 0…1, where that can be said. */
  readonly fraction?: number;
  /** More, for whoever stays on it. */
  readonly detail?: string;
}

/** A request that takes longer than this is one that has to read the image first, in seconds. */
const quick = 1;

const busy = (text: string, fraction?: number): Standing => ({ text, tone: 'busy', ...(fraction !== undefined && { fraction }) });
const plain = (text: string): Standing => ({ text, tone: 'plain' });

/**
 * @param structure  Its name, or null when none is chosen.
 * @param waited     Seconds since the question under way was asked, or since what the teacher does for it now was begun.
 */
export function standingOf(state: PromptState, structure: string | null, grid: Pick<Grid, 'affine'>, waited: number): Standing {
  const { mode, teacher, asking, shown, saving, failure, saved, savedAt } = state;
  const prompts = promptsOf(state);
  if (saving) return busy(saving === 'accept' ? 'Saving the mask…' : 'Restoring the label…');
  if (failure !== null) return { text: shown ? `${failure} The mask shown is the one before.` : failure, tone: 'bad' };
  if (asking !== null) return workOf(state, waited);
  if (shown && shown.voxels === 0) return plain('The teacher found nothing here. Add a point inside, or take back one beside it.');
  if (shown) {
    const volume = millilitres(shown.voxels * voxelMl(grid));
    const reading = shown.embedding === 'made' ? 'reading the image first' : 'of an image read before';
    return {
      text: `Confidence ${decimals(shown.confidence, 2)} · ${volume}`,
      tone: 'plain',
      detail: `The teacher’s own guess of how well its mask overlaps what is meant. It took ${decimals(shown.seconds, 1)} s, ${reading}.`,
    };
  }
  if (prompts.box && !canBeAsked(prompts, teacher)) return plain('This teacher does not understand boxes. Set a point inside.');
  if (prompts.points.length > 0) return plain('Now set a point inside as well.');
  if (saved.length > 0 && savedAt === saved.length) {
    const { after, isDraft } = saved[savedAt - 1];
    const draft = isDraft ? ' It is a draft until you tick “The label is complete”.' : '';
    return plain(`Saved as revision ${after}. Ctrl Z takes it back.${draft}`);
  }
  if (saved.length > savedAt) return plain('The label is as it was before; Ctrl Y brings the mask back.');
  const name = structure ?? 'the structure';
  if (mode === 'box') return plain(`Drag a box around ${name}.`);
  return plain(`Click inside ${name}. With Shift, click where it is not.`);
}

/** What the teacher does, and how much of it is left. What takes no second is not worth a word of its own. */
function workOf({ teacher, progress }: PromptState, waited: number): Standing {
  const usual = progress?.seconds ?? null;
  if (progress?.stage === 'outlining' || (waited < quick && (usual ?? 0) < quick)) return busy('Outlining…');
  const what =
    progress?.stage === 'preparing'
      ? 'Getting the teacher ready'
      : `Reading the image (once per ${teacher?.axes === 2 ? 'slice' : 'place'})`;
  if (usual === null || usual < quick) return busy(`${what} … ${duration(waited)}`);
  if (waited >= usual) return busy(`${what} … ${duration(waited)}, usually ${duration(usual)}`, 1);
  const left = usual - waited < 1 ? 'nearly done' : `about ${duration(usual - waited)} left`;
  return busy(`${what} · ${left}`, waited / usual);
}

/** What to be careful about, in sentences: what the teacher said of its answer, or what is plain before it has one. */
export function cautionsOf(state: PromptState, teacher: PromptTeacher | undefined, modality: string | undefined): readonly string[] {
  if (state.shown) return state.shown.cautions;
  if (!teacher || suits(teacher, modality as PromptTeacher['modality'] & string)) return [];
  return [`${teacher.name} was made for ${teacher.modality}. Look closely at every mask it draws here.`];
}
