/** Thins announcements for a page: of several about the same thing within a moment only the newest is passed on. */
import type { Announcement } from '../../shared/events';

/**
 * Passes the first announcement on at once, later ones at most every `everyMs`, the newest of each subject, in the order they last came.
 * @returns `hear` to feed, and `stop` which drops what is waiting.
 */
export function thin(tell: (announcement: Announcement) => void, everyMs = 150): { hear(announcement: Announcement): void; stop(): void } {
  const waiting = new Map<string, Announcement>();
  let timer: NodeJS.Timeout | null = null;

  function flush(): void {
    timer = waiting.size > 0 ? setTimeout(flush, everyMs) : null;
    const ready = [...waiting.values()];
    waiting.clear();
    for (const announcement of ready) tell(announcement);
  }

  return {
    hear(announcement) {
      const subject = subjectOf(announcement);
      waiting.delete(subject);
      waiting.set(subject, announcement);
      if (timer === null) flush();
    },
    stop() {
      if (timer) clearTimeout(timer);
      waiting.clear();
    },
  };
}

function subjectOf({ name, data }: Announcement): string {
  switch (name) {
    case 'run.changed':
    case 'run.progress':
      return `${name} ${data.run}`;
    case 'job.changed':
      return `${name} ${data.job.id}`;
    default:
      return name;
  }
}
