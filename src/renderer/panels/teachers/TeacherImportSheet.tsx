/** Import of teachers: which files, how far, what came in, and what was refused or has to be said about a file. */
import { useState } from 'react';
import type { JobId } from '../../../shared/domain';
import { familyFacts, type TeacherFamily, type TeacherImportReport, twinsOf } from '../../../shared/teachers';
import { ask } from '../../api';
import { Action } from '../../ui/Action';
import { Answered } from '../../ui/Answered';
import { JobProgress } from '../../ui/JobProgress';
import { isOpen, useJob } from '../../ui/jobs';
import { PathsField } from '../../ui/PathsField';
import { Sheet } from '../../ui/Sheet';
import { readPaths } from '../cases/importing';

export function TeacherImportSheet({ initial, onClose }: { initial: string[]; onClose: () => void }) {
  const [job, setJob] = useState<JobId | null>(null);
  const start = async (paths: string[], family: TeacherFamily | null) => setJob(await ask('teachers.import', { paths, family }));
  return (
    <Sheet title="Import teachers" onClose={onClose}>
      {job === null ? (
        <ChooseFiles initial={initial} onStart={(paths) => start(paths, null)} />
      ) : (
        <Follow key={job} job={job} onSay={(path, family) => start([path], family)} onClose={onClose} />
      )}
    </Sheet>
  );
}

function ChooseFiles({ initial, onStart }: { initial: string[]; onStart: (paths: string[]) => Promise<void> }) {
  const [text, setText] = useState(initial.join('\n'));
  const paths = readPaths(text);
  return (
    <>
      <p className="quiet">
        Weights as their authors publish them (.pth, .safetensors, .npz), or a network as ONNX. What a file is shows in its shapes; nothing
        in it is ever run.
      </p>
      <PathsField
        text={text}
        onChange={setText}
        title="Weights to import"
        label="Files, one a line"
        placeholder="/data/weights/sam_med3d_turbo.pth"
      />
      <Action kind="primary" because={paths.length === 0 ? 'Name at least one file.' : undefined} onAct={() => onStart(paths)}>
        Import
      </Action>
    </>
  );
}

interface FollowProps {
  job: JobId;
  onSay: (path: string, family: TeacherFamily) => Promise<void>;
  onClose: () => void;
}

function Follow({ job: id, onSay, onClose }: FollowProps) {
  const job = useJob(id);
  return (
    <Answered answer={job} what="the import">
      {(current) => (
        <>
          <JobProgress job={current} />
          {current.result?.kind === 'teachers' && <Report report={current.result.report} onSay={onSay} />}
          {isOpen(current) ? (
            <p className="caption">You may close this and work on; the status line shows how far it is.</p>
          ) : (
            <Action kind="primary" onAct={onClose}>
              Done
            </Action>
          )}
        </>
      )}
    </Answered>
  );
}

function Report({ report: { imported, refused }, onSay }: { report: TeacherImportReport } & Pick<FollowProps, 'onSay'>) {
  return (
    <ul className="report">
      {refused.map(({ file, code, sentence }) => (
        <li key={file} className="message" data-tone={code === 'TEACHER_FAMILY' ? 'caution' : 'bad'}>
          <div className="stack">
            {sentence}
            {code === 'TEACHER_FAMILY' && (
              <span className="row">
                {twinsOf('sam-3d').map((family) => (
                  <Action key={family} size="small" onAct={() => onSay(file, family)}>
                    It is {familyFacts[family].title}
                  </Action>
                ))}
              </span>
            )}
          </div>
        </li>
      ))}
      {imported.map(({ teacher, name, notes }) => (
        <li key={teacher} className="caption">
          {[`${name} is there.`, ...notes].join(' ')}
        </li>
      ))}
    </ul>
  );
}
