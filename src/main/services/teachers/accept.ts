/** What a person agrees to before a teacher may be used. */
import { fail } from '../../../shared/errors';
import type { TeacherId } from '../../../shared/teachers';
import { appendEvent } from '../../store/events';
import type { Store } from '../../store/store';
import { changeTeacher, getTeacher } from '../../store/teachers';

/** @throws TEACHER_LICENCE where nobody has said under which terms it stands */
export function acceptLicence(store: Store, id: TeacherId): void {
  const teacher = getTeacher(store.read, id);
  const { licence } = teacher;
  if (!licence) fail('TEACHER_LICENCE', teacher.name);
  store.write((db) => {
    changeTeacher(db, id, { ...teacher, acceptedAt: new Date().toISOString() });
    appendEvent(db, 'teacher', `The licence of ${teacher.name} (${licence.name}) was accepted.`);
  });
}
