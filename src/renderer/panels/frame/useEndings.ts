/** Says in a notice how jobs and runs ended, wherever the person is by then. */
import { useEffect } from 'react';
import type { Job } from '../../../shared/domain';
import { onEvent } from '../../answers';
import { ask } from '../../api';
import { addressOf } from '../../place';
import { sentenceOfEnd } from '../../ui/jobEndings';
import { isFollowed } from '../../ui/jobs';
import { tell } from '../../ui/noticeList';

export function useEndings(): void {
  useEffect(() => {
    const stopJobs = onEvent('job.changed', ({ job }) => {
      if (isFollowed(job.id)) return;
      if (job.state === 'failed') tell('bad', job.message);
      if (job.state === 'done') tell('good', sentenceOfEnd(job), linkOf(job));
    });
    const stopRuns = onEvent('run.changed', ({ run: id }) => {
      ask('runs.list', {}).then(
        (runs) => {
          const run = runs.find((listed) => listed.id === id);
          const link = { label: 'Look at it', address: addressOf({ panel: 'runs', id }) };
          if (run && (run.state === 'failed' || run.state === 'interrupted')) {
            tell('bad', `Run ${run.number} ${run.state === 'failed' ? 'failed' : 'was interrupted'}. ${run.problem ?? ''}`, link);
          }
        },
        // The panels that show runs report a core that does not answer.
        () => {},
      );
    });
    return () => {
      stopJobs();
      stopRuns();
    };
  }, []);
}

function linkOf({ result }: Job): { label: string; address: string } | null {
  if (result?.kind === 'evaluate') return { label: 'Look at it', address: addressOf({ panel: 'results', id: result.summary.model }) };
  if (result?.kind === 'check' && !result.report.ok) return { label: 'Read them', address: addressOf({ panel: 'project' }) };
  return null;
}
