/** Says in a notice how jobs and runs ended, wherever the person is by then. */
import { useEffect } from 'react';
import type { Job } from '../../../shared/domain';
import { onEvent } from '../../answers';
import { ask } from '../../api';
import { addressOf } from '../../place';
import { tell } from '../../ui/notices';
import { counted } from '../../ui/numbers';

export function useEndings(): void {
  useEffect(() => {
    const stopJobs = onEvent('job.changed', ({ job }) => {
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

/** What a finished job brought, in one sentence. */
export function sentenceOfEnd({ title, result }: Pick<Job, 'title' | 'result'>): string {
  switch (result?.kind) {
    case 'import':
    case 'demo': {
      const { imported, refused } = result.report;
      return `${title}: ${counted(imported.length, 'case')} imported${refused.length > 0 ? `, ${counted(refused.length, 'file')} refused` : ''}.`;
    }
    case 'predict':
      return `${title}: ${counted(result.predictions.length, 'mask')} made.`;
    case 'evaluate':
      return `${title}: ${counted(result.summary.cases.length, 'case')} scored.`;
    case 'export':
      return `${title}: ${counted(result.files.length, 'file')} written.`;
    case 'check':
      return result.report.ok
        ? `${title}: everything is as it was saved.`
        : `${title}: ${counted(result.report.problems.length, 'problem')}.`;
    case undefined:
      return `${title}: done.`;
  }
}

function linkOf({ result }: Job): { label: string; address: string } | null {
  if (result?.kind === 'evaluate') return { label: 'Look at it', address: addressOf({ panel: 'results', id: result.summary.model }) };
  if (result?.kind === 'check' && !result.report.ok) return { label: 'Read them', address: addressOf({ panel: 'project' }) };
  return null;
}
