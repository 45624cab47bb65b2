/** In place of a curve that has no point yet. */
import type { Run } from '../../../shared/runs';

export function Waiting({ run, until }: { run: Run; until: string }) {
  if (run.state === 'queued') return <p className="quiet">The run waits for its turn.</p>;
  return <p className="quiet">{run.state === 'running' ? `The first point comes ${until}.` : 'The run ended before the first point.'}</p>;
}
