/** Teachers: the foundation models that were brought, under which terms, and how fast they answer here. */
import { type DragEvent, useState } from 'react';
import { familyFacts, type LibraryTeacher, type Teacher, type TeacherId, teacherFamilies } from '../../../shared/teachers';
import { useAnswer } from '../../answers';
import { Answered } from '../../ui/Answered';
import { EmptyState } from '../../ui/EmptyState';
import { droppedPaths } from '../cases/importing';
import { LibraryTable } from './LibraryTable';
import { TeacherImportSheet } from './TeacherImportSheet';
import { TeacherSheet } from './TeacherSheet';
import { TeacherTable } from './TeacherTable';
import './teachers.css';

export function TeachersPanel() {
  const teachers = useAnswer('teachers.list', {}, ['teachers.changed']);
  const { data: library } = useAnswer('teachers.library', {}, ['teachers.changed', 'project.changed']);
  const offered = library?.filter(({ here }) => here === null) ?? [];
  const [importing, setImporting] = useState<string[] | null>(null);
  const [shown, setShown] = useState<TeacherId | null>(null);
  const drop = (event: DragEvent) => {
    // The window would take what is dropped for studies.
    event.preventDefault();
    event.stopPropagation();
    if (event.dataTransfer.files.length > 0) setImporting(droppedPaths(event.dataTransfer.files));
  };
  const importButton = (
    <button type="button" className="button" data-kind="primary" onClick={() => setImporting([])}>
      Import a teacher…
    </button>
  );
  return (
    <Answered answer={teachers} what="the teachers">
      {(list) => (
        // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way; the button is for keyboard and screen reader
        <div className="page" onDragOver={(event) => event.preventDefault()} onDrop={drop}>
          <header>
            <h2>Teachers</h2>
            {list.length > 0 && importButton}
          </header>
          <section className="card" aria-label="Teachers">
            {list.length === 0 ? (
              <NoTeachers>{importButton}</NoTeachers>
            ) : (
              <TeacherTable teachers={list} onShow={({ id }) => setShown(id)} />
            )}
          </section>
          {offered.length > 0 && <LibraryTable teachers={offered} />}
          {list.length > 0 && (
            <p className="drop-zone quiet">Drop further weights here: .pth, .safetensors, .npz or .onnx. Files stay where they are.</p>
          )}
          {importing && <TeacherImportSheet initial={importing} onClose={() => setImporting(null)} />}
          <Shown teacher={list.find(({ id }) => id === shown)} library={library ?? []} onClose={() => setShown(null)} />
        </div>
      )}
    </Answered>
  );
}

function Shown({ teacher, library, onClose }: { teacher: Teacher | undefined; library: readonly LibraryTeacher[]; onClose: () => void }) {
  const isOffered = library.some(({ here }) => here === teacher?.id);
  return teacher && <TeacherSheet key={teacher.id} teacher={teacher} isOffered={isOffered} onClose={onClose} />;
}

function NoTeachers({ children }: { children: React.ReactNode }) {
  return (
    <div className="drop-zone stack">
      <EmptyState title="No teachers yet" actions={children}>
        Download the official weights of a foundation model and drop the file here. It is recognised by its shapes and never leaves this
        computer.
      </EmptyState>
      <ul className="sources caption">
        {teacherFamilies.map((family) => (
          <li key={family}>{familyFacts[family].get}</li>
        ))}
      </ul>
    </div>
  );
}
