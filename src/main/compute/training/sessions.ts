/** Sessions that a run opens along the way for the networks its method asks; all are freed together. */
import type { Session } from '../../engine/session';
import type { Load } from '../../methods/course';
import { type Place, sessionOf } from '../teachers/network';

export function sessionsAt(place: Place): { load: Load; release(): Promise<void> } {
  const open: Session[] = [];
  return {
    async load(_name, model) {
      const session = await sessionOf(model, place);
      open.push(session);
      return { run: (feeds) => session.run(feeds) };
    },
    async release() {
      for (const session of open.splice(0)) await session.release();
    },
  };
}
