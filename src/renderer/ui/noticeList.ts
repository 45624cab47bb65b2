/** Sentences that are for the person and belong to no panel: what finished, what failed. */
import { asAppError } from '../answers';
import { shared } from './shared';

export interface Notice {
  id: number;
  tone: 'good' | 'bad';
  sentence: string;
  /** Where to read more. */
  link: { label: string; address: string } | null;
}

const notices = shared<readonly Notice[]>([]);
let lastId = 0;
/** Good news goes away by itself; failures stay until they are read. */
const goodNewsMs = 7000;
const most = 4;

export function tell(tone: Notice['tone'], sentence: string, link: Notice['link'] = null): void {
  if (notices.get().some((notice) => notice.sentence === sentence)) return;
  const notice = { id: ++lastId, tone, sentence, link };
  notices.set([...notices.get(), notice].slice(-most));
  if (tone === 'good') setTimeout(() => dismiss(notice.id), goodNewsMs);
}

/** Shows the sentence of anything that was thrown. An aborted question is nobody's failure. */
export function tellFailure(failure: unknown): void {
  if (failure instanceof DOMException && failure.name === 'AbortError') return;
  tell('bad', asAppError(failure).message);
}

export const dismiss = (id: number): void => notices.set(notices.get().filter((notice) => notice.id !== id));

export const useNotices = notices.use;
