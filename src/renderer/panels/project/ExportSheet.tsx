/** Where an export goes, how far it is, and what it wrote. */
import { type ReactNode, useState } from 'react';
import type { JobId } from '../../../shared/domain';
import { Action } from '../../ui/Action';
import { Answered } from '../../ui/Answered';
import { JobProgress } from '../../ui/JobProgress';
import { useJob } from '../../ui/jobs';
import { PathField } from '../../ui/PathField';
import { Sheet } from '../../ui/Sheet';

interface ExportSheetProps {
  title: string;
  says: string;
  /** Where one file is written: its name. A folder is asked for otherwise. */
  fileName?: string;
  /** Choices beside the folder. */
  children?: ReactNode;
  onStart: (out: string) => Promise<JobId>;
  onClose: () => void;
}

export function ExportSheet({ title, says, fileName, children, onStart, onClose }: ExportSheetProps) {
  const [out, setOut] = useState('');
  const [job, setJob] = useState<JobId | null>(null);
  return (
    <Sheet title={title} onClose={onClose}>
      <p className="quiet">{says}</p>
      {job === null ? (
        <>
          {children}
          <PathField
            label={fileName ? 'File to write' : 'Folder to write to'}
            value={out}
            onChange={setOut}
            placeholder={fileName ? `/data/exports/${fileName}` : '/data/exports'}
            hint={fileName ? undefined : 'Made if it is not there.'}
            fileName={fileName}
          />
          <Action
            kind="primary"
            because={out.trim() === '' ? (fileName ? 'Name the file first.' : 'Name the folder first.') : undefined}
            onAct={async () => setJob(await onStart(out.trim()))}
          >
            Export
          </Action>
        </>
      ) : (
        <Follow job={job} onClose={onClose} />
      )}
    </Sheet>
  );
}

function Follow({ job: id, onClose }: { job: JobId; onClose: () => void }) {
  const job = useJob(id);
  return (
    <Answered answer={job} what="the export">
      {(current) => (
        <>
          <JobProgress job={current} />
          {current.result?.kind === 'export' && (
            <ul className="caption file-list">
              {current.result.files.map((file) => (
                <li key={file}>{file}</li>
              ))}
            </ul>
          )}
          <Action onAct={onClose}>Close</Action>
        </>
      )}
    </Answered>
  );
}
