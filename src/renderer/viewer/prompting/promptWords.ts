/** What the prompt bar says: how the prompting stands, in one sentence. */
import { type Grid, voxelMl } from '../../../shared/geometry';
import { decimals, duration, millilitres } from '../../ui/numbers';
import { canBeAsked, type PromptState, promptsOf } from './promptState';
import type { PromptTeacher } from './service';
import { suits } from './teacherChoice';

export interface Standing {
  readonly text: string;
  readonly tone: 'plain' | 'busy' | 'bad';
  /** More, for whoever stays on it. */
  readonly detail?: string;
}

/** A request that takes longer than this is one that has to read the image first, in seconds. */
const quick = 1;

const busy = (text: string): Standing => ({ text, tone: 'busy' });
const plain = (text: string): Standing => ({ text, tone: 'plain' });

/**
 * @param structure  Its name, or null when none is chosen.
 * @param waited     Seconds since the question under way was asked.
 */
export function standingOf(state: PromptState, structure: string | null, grid: Pick<Grid, 'affine'>, waited: number): Standing {
  const { mode, teacher, asking, shown, saving, failure, saved, savedAt } = state;
  const prompts = promptsOf(state);
  if (saving) return busy(saving === 'accept' ? 'Saving the mask…' : 'Restoring the label…');
  if (failure !== null) return { text: shown ? `${failure} The mask shown is the one before.` : failure, tone: 'bad' };
  if (asking !== null) {
    if (waited < quick) return busy('Outlining…');
    return busy(`Reading the image (once per ${teacher?.axes === 2 ? 'slice' : 'place'}) … ${duration(waited)}`);
  }
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

/** What to be careful about, in sentences: what the teacher said of its answer, or what is plain before it has one. */
export function cautionsOf(state: PromptState, teacher: PromptTeacher | undefined, modality: string | undefined): readonly string[] {
  if (state.shown) return state.shown.cautions;
  if (!teacher || suits(teacher, modality as PromptTeacher['modality'] & string)) return [];
  return [`${teacher.name} was made for ${teacher.modality}. Look closely at every mask it draws here.`];
}
