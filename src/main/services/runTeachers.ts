/** The teachers a run asks: whether they may be asked, see what the student sees, and are for the channels that the cases have. */
import type { Case } from '../../shared/domain';
import { fail } from '../../shared/errors';
import { latticeOf } from '../../shared/methods';
import type { CommonSettings, TrainSettings } from '../../shared/runs';
import { architectureOf, huWindowOf, isVolumeTreatment, type Teacher, type TeacherId, volumeTreatments } from '../../shared/teachers';
import type { StoredTeacher } from '../compute/jobData';
import { addressOf } from '../files/durable';
import type { Store } from '../store/store';
import { listTeachers, teacherName } from '../store/teachers';

export interface RunTeachers {
  ct: Teacher | null;
  pet: Teacher | null;
}

/**
 * The teachers that settings name, if a run of these cases may ask them.
 * @param example any case of the run
 * @throws NOT_FOUND, TEACHER_GONE, TEACHER_NOT_ACCEPTED, TEACHER_INTENSITY, RUN_TEACHER_KIND, RUN_TEACHER_SEES, RUN_TEACHER_LATTICE,
 * RUN_TEACHERS_DIFFER, RUN_NEEDS_CHANNEL
 */
export function teachersOfRun({ read }: Pick<Store, 'read'>, settings: TrainSettings, example: Pick<Case, 'channels'>): RunTeachers {
  if (settings.method !== 'muduo') return { ct: null, pet: null };
  const wanted = (id: TeacherId | null, modality: 'CT' | 'PET'): Teacher | null => {
    if (id === null) return null;
    const teacher = listTeachers(read).find((one) => one.id === id) ?? gone(teacherName(read, id), id);
    requireAskable(teacher, modality);
    if (!example.channels.some((channel) => channel.modality === modality)) fail('RUN_NEEDS_CHANNEL', modality, teacher.name);
    return teacher;
  };
  const ct = wanted(settings.muduo.teachers.ct, 'CT');
  const pet = wanted(settings.muduo.teachers.pet, 'PET');
  if (ct && pet && seen(ct) !== seen(pet)) fail('RUN_TEACHERS_DIFFER', ct.name, seen(ct), pet.name, seen(pet));
  for (const teacher of [ct, pet]) if (teacher) requireLattice(teacher, settings);
  return { ct, pet };
}

const gone = (name: string | undefined, id: TeacherId): never =>
  name === undefined ? fail('NOT_FOUND', `teacher ${id}`) : fail('TEACHER_GONE', name);

/** A teacher as the compute process gets it. */
export const storedTeacher = (store: Pick<Store, 'files'>, teacher: Teacher | null): StoredTeacher | null =>
  teacher && { weights: addressOf(store.files, teacher.file), name: teacher.name, huWindow: huWindowOf(teacher) };

function requireAskable({ name, family, acceptedAt, intensity, modality }: Teacher, asked: 'CT' | 'PET'): void {
  if (architectureOf[family] !== 'sam-3d') fail('RUN_TEACHER_KIND', name);
  if (acceptedAt === null) fail('TEACHER_NOT_ACCEPTED', name);
  if (!isVolumeTreatment(intensity)) fail('TEACHER_INTENSITY', name, intensity, volumeTreatments.join(' or '));
  if (modality !== null && modality !== asked) fail('RUN_TEACHER_SEES', name, modality, asked);
}

/** A spacing that nobody has said leaves the student free. */
function requireLattice(teacher: Teacher, { patch, spacingMm }: Pick<CommonSettings, 'patch' | 'spacingMm'>): void {
  const { sides } = teacher.input;
  const wanted = latticeOf(teacher)?.spacingMm ?? spacingMm;
  const isPatch = sides.toReversed().every((side, axis) => side === patch[axis]);
  const isSpacing = wanted.every((mm, axis) => Math.abs(mm / spacingMm[axis] - 1) <= 0.01);
  if (!isPatch || !isSpacing) fail('RUN_TEACHER_LATTICE', teacher.name, seen(teacher), sides.toReversed().join('×'), `${wanted[0]} mm`);
}

const seen = ({ input, spacingMm }: Teacher): string =>
  `${input.sides.toReversed().join('×')} voxels${spacingMm === null ? '' : ` of ${spacingMm} mm`}`;
