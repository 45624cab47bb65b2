/** Undo and redo over revisions that are never taken back: each step restores one as the next revision. */
import type { LabelRevision } from './domain';

/**
 * Which revision a step back and a step forth would restore; 0 stands for no label, null for no such step.
 * A new edit after steps back ends what lay ahead of it; restoring a revision that is no step away counts as an edit.
 * @param revisions all of a case, in any order
 */
export function undoRedo(revisions: readonly Pick<LabelRevision, 'revision' | 'made'>[]): { undo: number | null; redo: number | null } {
  let steps = [0];
  let at = 0;
  for (const { revision, made } of revisions.toSorted((a, b) => a.revision - b.revision)) {
    const found = made?.by === 'restore' ? steps.indexOf(made.revision) : -1;
    if (found >= 0) at = found;
    else {
      steps = [...steps.slice(0, at + 1), revision];
      at++;
    }
  }
  return { undo: steps[at - 1] ?? null, redo: steps[at + 1] ?? null };
}
