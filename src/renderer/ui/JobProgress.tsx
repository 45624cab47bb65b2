/** A job under way or ended: what it does now, how far, how long still, and how to stop it. */
import type { Job } from '../../shared/domain';
import { Action } from './Action';
import { Icon } from './icons';
import { sentenceOfEnd } from './jobEndings';
import { isOpen, stopJob } from './jobs';
import { timeLeft } from './numbers';
import { ProgressBar } from './ProgressBar';

interface JobProgressProps {
  job: Job;
  /** How it is stopped, where more than the job has to know. */
  onStop?: () => Promise<unknown>;
}

export function JobProgress({ job, onStop = () => stopJob(job.id) }: JobProgressProps) {
  if (job.state === 'failed') {
    return (
      <div className="message" data-tone="bad" role="alert">
        <Icon name="caution" />
        <p className="grow">{job.message}</p>
      </div>
    );
  }
  if (!isOpen(job)) {
    return (
      <p className="message" data-tone={job.state === 'done' ? 'good' : undefined}>
        <Icon name={job.state === 'done' ? 'check' : 'stop'} />
        {job.state === 'done' ? sentenceOfEnd(job) : `${job.title}: stopped. What was finished before is kept.`}
      </p>
    );
  }
  return (
    <div className="stack" aria-busy="true">
      <div className="row">
        <strong className="grow ellipsis">{job.title}</strong>
        <Action size="small" onAct={onStop}>
          Stop
        </Action>
      </div>
      <ProgressBar fraction={job.state === 'queued' ? null : job.fraction} label={job.title} />
      <p className="row quiet">
        <span className="grow ellipsis">{job.state === 'queued' ? 'Waiting for its turn' : job.message}</span>
        <span className="numeric">{job.state === 'running' && timeLeft(job.secondsLeft)}</span>
      </p>
    </div>
  );
}
