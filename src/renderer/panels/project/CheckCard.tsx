/** Compares every row with its file and hash, and says what it found. */
import { useState } from 'react';
import type { CheckReport, JobId } from '../../../shared/domain';
import { ask } from '../../api';
import { Action } from '../../ui/Action';
import { Answered } from '../../ui/Answered';
import { JobProgress } from '../../ui/JobProgress';
import { isOpen, useJob } from '../../ui/jobs';
import { bytes, counted } from '../../ui/numbers';

export function CheckCard() {
  const [id, setId] = useState<JobId | null>(null);
  const job = useJob(id);
  return (
    <section className="card" aria-label="Check">
      <header>
        <h2>Check</h2>
        <p>reads every file of the project and compares it with what was saved</p>
      </header>
      {id !== null && (
        <Answered answer={job} what="the check">
          {(current) => (
            <>
              {(isOpen(current) || current.state !== 'done') && <JobProgress job={current} />}
              {current.result?.kind === 'check' && <Report report={current.result.report} />}
            </>
          )}
        </Answered>
      )}
      <div>
        <Action
          because={job.data && isOpen(job.data) ? 'A check is running.' : undefined}
          onAct={async () => setId(await ask('project.check', {}))}
        >
          Check the project
        </Action>
      </div>
    </section>
  );
}

function Report({ report }: { report: CheckReport }) {
  const looked = `${counted(report.rows, 'row')} and ${counted(report.files, 'file')} (${bytes(report.bytes)}) were compared.`;
  if (report.ok) {
    return (
      <div className="message" data-tone="good">
        <div>
          <p>Everything is as it was saved. {looked}</p>
          {report.notes.map((note) => (
            <p key={note} className="quiet">
              {note}
            </p>
          ))}
        </div>
      </div>
    );
  }
  return (
    <div className="message" data-tone="bad" role="alert">
      <div>
        <p>
          {counted(report.problems.length, 'problem')} found. {looked}
        </p>
        <ul>
          {report.problems.map((problem) => (
            <li key={problem}>{problem}</li>
          ))}
        </ul>
      </div>
    </div>
  );
}
