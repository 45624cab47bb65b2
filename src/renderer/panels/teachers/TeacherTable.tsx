/** The list of teachers: what each is, what it wants to see, its terms and its speed. */
import type { Teacher } from '../../../shared/teachers';
import { ask } from '../../api';
import { Action } from '../../ui/Action';
import { TeacherFactCells } from './TeacherFactCells';
import { checkStanding, licenceStanding, speedWords } from './teacherWords';

interface TeacherTableProps {
  teachers: readonly Teacher[];
  onShow: (teacher: Teacher) => void;
}

export function TeacherTable({ teachers, onShow }: TeacherTableProps) {
  return (
    <div className="scroller">
      <table>
        <thead>
          <tr>
            <th scope="col">Teacher</th>
            <th scope="col">Family</th>
            <th scope="col" className="number">
              Parameters
            </th>
            <th scope="col">Sees</th>
            <th scope="col">Licence</th>
            <th scope="col" className="number">
              One image
            </th>
            <th scope="col">
              <span className="visually-hidden">What can be done</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {teachers.map((teacher) => (
            <TeacherRow key={teacher.id} teacher={teacher} onShow={() => onShow(teacher)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function TeacherRow({ teacher, onShow }: { teacher: Teacher; onShow: () => void }) {
  const { id, name, source, acceptedAt } = teacher;
  const licence = licenceStanding(teacher);
  const check = checkStanding(teacher);
  return (
    <tr>
      <td>
        <strong>{name}</strong>
        <div className="caption">{source.fileName}</div>
      </td>
      <TeacherFactCells teacher={teacher} />
      <td>
        <button type="button" className="badge" data-tone={licence.tone} onClick={onShow}>
          {licence.words}
        </button>
        {!acceptedAt && <div className="caption">{teacher.licence ? 'read and accept before use' : 'to be written down before use'}</div>}
      </td>
      <td className="number">
        {speedWords(teacher)}
        <div className="caption check" data-tone={check.tone}>
          {check.words}
        </div>
      </td>
      <td>
        <span className="row" style={{ justifyContent: 'flex-end' }}>
          <Action size="small" onAct={() => ask('teachers.selfCheck', { teacher: id })}>
            Check
          </Action>
          <button type="button" className="button" data-size="small" onClick={onShow}>
            Details…
          </button>
        </span>
      </td>
    </tr>
  );
}
