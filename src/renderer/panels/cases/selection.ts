/** Which cases of the list are picked together, as file managers do it: Ctrl adds or removes one, Shift takes all in between. */
import type { CaseId } from '../../../shared/domain';

export interface Selection {
  readonly picked: ReadonlySet<CaseId>;
  /** Where a press with Shift counts from. */
  readonly anchor: CaseId | null;
}
export const nothingPicked: Selection = { picked: new Set(), anchor: null };

export interface Modifiers {
  shiftKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
}

/**
 * The selection after a press on `target`. A plain press picks nothing beyond the case that is shown.
 * @param shown  cases in the order of the list
 * @param chosen the case on the screen: the first pick starts from it
 */
export function pick(before: Selection, shown: readonly CaseId[], target: CaseId, chosen: CaseId | undefined, keys: Modifiers): Selection {
  const anchor = before.anchor ?? chosen ?? target;
  if (keys.shiftKey) {
    const [from, to] = [shown.indexOf(anchor), shown.indexOf(target)].sort((a, b) => a - b);
    return { picked: new Set(shown.slice(Math.max(0, from), to + 1)), anchor };
  }
  if (keys.ctrlKey || keys.metaKey) {
    const picked = new Set(before.picked.size > 0 || !chosen ? before.picked : [chosen]);
    if (!picked.delete(target)) picked.add(target);
    return { picked, anchor: target };
  }
  return { picked: new Set(), anchor: target };
}

/** Picked cases that the list still shows: nothing out of sight is ever changed. */
export const inSight = ({ picked }: Selection, shown: readonly CaseId[]): CaseId[] => shown.filter((id) => picked.has(id));
