/** One line that always tells where the cursor is, what runs, and that everything is saved. */
import { useState } from 'react';
import type { Structure } from '../../../shared/domain';
import { useAnswer, useIsConnected } from '../../answers';
import { usePlace } from '../../place';
import { isOpen, useJobs } from '../../ui/jobs';
import { positionMm, short, timeLeft, whole } from '../../ui/numbers';
import { ProgressBar } from '../../ui/ProgressBar';
import { useRunProgress } from '../../ui/runProgress';
import { readable } from '../../ui/words';
import { ActivitySheet } from './ActivitySheet';
import { useCursor } from './cursor';

export function StatusLine() {
  const isConnected = useIsConnected();
  const { data: project } = useAnswer('project.get', {});
  return (
    <footer className="statusbar">
      <CursorLine structures={project?.structures ?? []} />
      <span className="grow" />
      <Activity hasProject={project !== null && project !== undefined} />
      {isConnected ? <span>Saved</span> : <span role="alert">Connection lost, trying again…</span>}
    </footer>
  );
}

function CursorLine({ structures }: { structures: readonly Structure[] }) {
  const reading = useCursor();
  const { panel } = usePlace();
  if (!reading) return panel === 'cases' && structures.length > 0 ? <span className="readings">Move over an image to read it</span> : null;
  const names = [...new Set(reading.structures.map(({ structure }) => structure))]
    .map((index) => structures.find((known) => known.index === index)?.name)
    .filter((name) => name !== undefined)
    .map(readable);
  return (
    <span className="readings ellipsis">
      <span style={{ whiteSpace: 'pre' }}>{positionMm([...reading.mm])}</span>
      <span>voxel {reading.index.map((index) => Math.round(index)).join(', ')}</span>
      {reading.values.map(({ modality, unit, value }, at) => (
        <span key={at}>
          {modality} {short(value)} {unit}
        </span>
      ))}
      <span>{names.join(' · ') || 'background'}</span>
    </span>
  );
}

function Activity({ hasProject }: { hasProject: boolean }) {
  const [isOpenSheet, setOpen] = useState(false);
  const { data: jobs } = useJobs();
  const { data: runs } = useAnswer('runs.list', hasProject ? {} : null, ['run.changed']);
  const run = runs?.find(({ state }) => state === 'running');
  const progress = useRunProgress(run);
  const openJobs = jobs?.filter(isOpen) ?? [];
  const job = openJobs.find(({ state }) => state === 'running') ?? openJobs[0];
  const queued = (runs?.filter(({ state }) => state === 'queued').length ?? 0) + openJobs.length - (job && !run ? 1 : 0);
  if (!run && !job) return null;
  const fraction = run ? progress.step / progress.steps : job!.state === 'queued' ? null : job!.fraction;
  const sentence = run
    ? `Run ${run.number} · ${progress.busy ?? 'starting'} · ${whole(progress.step)} / ${whole(progress.steps)} · ${timeLeft(progress.secondsLeft)}`
    : `${job!.title} · ${job!.state === 'queued' ? 'waiting' : timeLeft(job!.secondsLeft)}`;
  return (
    <>
      <button type="button" className="activity" onClick={() => setOpen(true)} title="Show all that runs">
        <span className="ellipsis">
          {sentence}
          {queued > 0 && ` · ${queued} more`}
        </span>
        <ProgressBar fraction={fraction} label={run ? `Run ${run.number}` : job!.title} />
      </button>
      {isOpenSheet && <ActivitySheet jobs={openJobs} run={run} onClose={() => setOpen(false)} />}
    </>
  );
}
