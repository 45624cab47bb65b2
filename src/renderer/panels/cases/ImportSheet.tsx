/** Import in three states: what to import, how far it is, and what came in or was refused and why. */
import { useState } from 'react';
import type { JobId } from '../../../shared/domain';
import { ask, desktop } from '../../api';
import { Action } from '../../ui/Action';
import { Answered } from '../../ui/Answered';
import { JobProgress } from '../../ui/JobProgress';
import { isOpen, useJob } from '../../ui/jobs';
import { PathsField } from '../../ui/PathsField';
import { Sheet } from '../../ui/Sheet';
import { ImportReportView } from './ImportReportView';
import { readPaths } from './importing';

export function ImportSheet({ initial, onClose }: { initial: string[]; onClose: () => void }) {
  const [job, setJob] = useState<JobId | null>(null);
  return (
    <Sheet title="Import studies" onClose={onClose}>
      {job === null ? (
        <ChoosePaths initial={initial} onStarted={setJob} />
      ) : (
        <FollowImport job={job} onAnother={() => setJob(null)} onClose={onClose} />
      )}
    </Sheet>
  );
}

function ChoosePaths({ initial, onStarted }: { initial: string[]; onStarted: (job: JobId) => void }) {
  const [text, setText] = useState(initial.join('\n'));
  const paths = readPaths(text);
  return (
    <>
      <p className="quiet">
        NIfTI files (.nii, .nii.gz), folders of them, or a data set in nnU-Net’s layout (imagesTr, labelsTr, dataset.json). The originals
        are kept untouched.
      </p>
      <PathsField
        text={text}
        onChange={setText}
        title="Files to import"
        label="Files and folders, one a line"
        placeholder="/data/studies/imagesTr"
      >
        {(add) => (
          <Action
            onAct={async () => {
              const folder = await desktop()?.pickFolder('Folder to import');
              if (folder) add([folder]);
            }}
          >
            Folder…
          </Action>
        )}
      </PathsField>
      <Action
        kind="primary"
        because={paths.length === 0 ? 'Name at least one file or folder.' : undefined}
        onAct={async () => onStarted(await ask('import.start', { paths }))}
      >
        Import
      </Action>
    </>
  );
}

function FollowImport({ job: id, onAnother, onClose }: { job: JobId; onAnother: () => void; onClose: () => void }) {
  const job = useJob(id);
  return (
    <Answered answer={job} what="the import">
      {(current) => (
        <>
          <JobProgress job={current} />
          {current.result?.kind === 'import' && <ImportReportView report={current.result.report} />}
          {isOpen(current) ? (
            <p className="caption">You may close this and work on; the status line shows how far it is.</p>
          ) : (
            <div className="row">
              <Action kind="primary" onAct={onClose}>
                Done
              </Action>
              <Action onAct={onAnother}>Import more</Action>
            </div>
          )}
        </>
      )}
    </Answered>
  );
}
