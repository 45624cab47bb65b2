/** Teachers that this project could have without their files: from the person's library, or from what came with the program. */
import type { FileHash } from '../../../shared/domain';
import type { LibraryTeacher } from '../../../shared/teachers';
import { ask } from '../../api';
import { Action } from '../../ui/Action';
import { ending } from '../../ui/jobs';
import { bytes } from '../../ui/numbers';
import { TeacherFactCells } from './TeacherFactCells';
import { licenceStanding } from './teacherWords';

export function LibraryTable({ teachers }: { teachers: readonly LibraryTeacher[] }) {
  return (
    <section className="card" aria-label="Library">
      <header>
        <h2>Your library</h2>
        <p>brought into another project before, or part of this program; nothing is copied when they are used here</p>
      </header>
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
              <th scope="col">
                <span className="visually-hidden">What can be done</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {teachers.map((teacher) => (
              <LibraryRow key={teacher.source.hash} teacher={teacher} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function LibraryRow({ teacher }: { teacher: LibraryTeacher }) {
  const { name, source, from, about, licence, acceptedAt } = teacher;
  return (
    <tr title={about ?? undefined}>
      <td>
        <strong>{name}</strong>
        <div className="caption">{from === 'program' ? 'comes with this program' : `${source.fileName}, ${bytes(source.bytes)}`}</div>
      </td>
      <TeacherFactCells teacher={teacher} />
      <td>
        <span className="badge" data-tone={licenceStanding(teacher).tone}>
          {licenceStanding(teacher).words}
        </span>
        <div className="caption">{acceptedAt ? 'accepted' : licence ? 'read and accept before use' : 'to be written down before use'}</div>
      </td>
      <td>
        <span className="row" style={{ justifyContent: 'flex-end' }}>
          {from === 'library' && (
            <Action size="small" kind="quiet" onAct={() => ask('teachers.forget', { source: source.hash })}>
              Remove from the library
            </Action>
          )}
          <Action size="small" onAct={() => takeIn(source.hash)}>
            Use here
          </Action>
        </span>
      </td>
    </tr>
  );
}

/** Busy until the teacher is there and has been checked; a failure is told where every job's is. */
const takeIn = async (source: FileHash) => ending(await ask('teachers.use', { source }));
