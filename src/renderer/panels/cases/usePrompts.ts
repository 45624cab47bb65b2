/** The room's way to the teachers: which of them take prompts, and the core's answers with the voxels of their masks. */
import { useMemo } from 'react';
import type { CaseId } from '../../../shared/domain';
import { undoRedo } from '../../../shared/labelHistory';
import { architectureOf, type Teacher } from '../../../shared/teachers';
import { onEvent, useAnswer } from '../../answers';
import { ask, fetchBytes } from '../../api';
import type { NotWanted, PromptService, PromptTeacher } from '../../viewer/prompting/service';

/** Null until the teachers are known. */
export function usePrompts(subject: CaseId): PromptService | null {
  const { data: teachers } = useAnswer('teachers.list', {}, ['teachers.changed']);
  return useMemo(() => (teachers ? promptsFor(subject, teachers) : null), [subject, teachers]);
}

/** The last request to stop, under way or done. */
let stopping: Promise<unknown> = Promise.resolve();

function promptsFor(subject: CaseId, teachers: readonly Teacher[]): PromptService {
  return {
    teachers: teachers.flatMap((teacher) => promptable(teacher) ?? []),
    async preview({ prompt, ...question }, signal, tell) {
      signal.addEventListener('abort', () => {
        if ((signal.reason as NotWanted) === 'unwanted') stopping = ask('prompts.stop', {}).catch(() => {});
      });
      // What is stopped must be stopped before this is asked, else this would be stopped with it.
      await stopping;
      const stopHearing = onEvent('prompt.progress', tell);
      // The request is never cut short: an answer that nobody knows of could not be discarded.
      const made = await ask('prompts.preview', {
        ...question,
        case: subject,
        prompt: { ...prompt, points: prompt.points.map(({ mm, positive }) => ({ mm: [...mm], positive })), box: cornersOf(prompt.box) },
      }).finally(stopHearing);
      const isWanted = !signal.aborted && made.file !== null;
      return { ...made, mask: isWanted && made.file !== null ? await fetchBytes(made.file, { signal }) : new Uint8Array() };
    },
    async accept(preview, structure, how) {
      const history = await ask('labels.history', { case: subject });
      const { undo } = undoRedo([...history, { revision: Number.MAX_SAFE_INTEGER, made: null }]);
      const { revision, state } = await ask('prompts.accept', { preview, structure, how });
      return { before: undo ?? 0, after: revision, isDraft: state === 'draft' };
    },
    discard(preview) {
      // The core forgets it with the project at the latest.
      ask('prompts.discard', { preview }).catch(() => {});
    },
    async restore(revision) {
      await ask('labels.restore', { case: subject, revision });
    },
  };
}

const cornersOf = (box: Parameters<PromptService['preview']>[0]['prompt']['box']) =>
  box && { from: [...box.from] as [number, number, number], to: [...box.to] as [number, number, number] };

/** Null for teachers that take no prompts. */
function promptable({ id, name, family, modality, licence, acceptedAt }: Teacher): PromptTeacher | null {
  const architecture = architectureOf[family];
  if (architecture !== 'sam-2d' && architecture !== 'sam-3d') return null;
  const isAccepted = licence !== null && acceptedAt !== null;
  return {
    id,
    name,
    modality,
    axes: architecture === 'sam-2d' ? 2 : 3,
    hindrance: isAccepted ? null : `The licence of ${name} has not been accepted yet. Read it under Teachers.`,
  };
}
