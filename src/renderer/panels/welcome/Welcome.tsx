/** First start: the demo in one click, or a project of one's own. */
import './welcome.css';
import type { Job } from '../../../shared/domain';
import { useAnswer } from '../../answers';
import { ask } from '../../api';
import { Action } from '../../ui/Action';
import { JobProgress } from '../../ui/JobProgress';
import { isOpen, useJobs } from '../../ui/jobs';
import { OtherProject } from '../project/OtherProject';

export function Welcome() {
  const { data: jobs } = useJobs();
  const demo = jobs?.findLast(({ kind }) => kind === 'demo');
  return (
    <div className="welcome">
      <div className="welcome-inner">
        <header>
          <h2>Label a few, train a student, compare.</h2>
          <p className="quiet">
            Understudy turns a handful of labelled studies into a small network that labels the rest, on this computer and without a
            connection.
          </p>
        </header>
        <DemoCard demo={demo} />
        <section className="card" aria-label="Your own project">
          <header>
            <h2>Your own studies</h2>
            <p>a project is one folder that holds all of it</p>
          </header>
          <OtherProject offersDemo={false} />
        </section>
      </div>
    </div>
  );
}

function DemoCard({ demo }: { demo: Job | undefined }) {
  const { data: info } = useAnswer('app.info', {});
  const isMaking = demo !== undefined && isOpen(demo);
  return (
    <section className="card" aria-label="Demo">
      <header>
        <h2>{isMaking ? 'Making the demo' : 'Start with the demo'}</h2>
        <p>40 synthetic PET/CT torsos, no patient among them</p>
      </header>
      <p className="quiet">
        Five are labelled, twenty are not, fifteen are kept for the test. Everything the workbench does can be tried on them.
      </p>
      {demo && (isMaking || demo.state === 'failed') && <JobProgress job={demo} />}
      {!isMaking && (
        <div className="row">
          <Action kind="primary" onAct={() => ask('project.createDemo', {})}>
            Open the demo
          </Action>
          {info && <span className="caption ellipsis">{info.demoFolder}</span>}
        </div>
      )}
    </section>
  );
}
