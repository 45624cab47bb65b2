/** Project: what it holds, its structures, its health, its log, and the way to another one. */
import './project.css';
import type { Project } from '../../../shared/domain';
import { useAnswer } from '../../answers';
import { Answered } from '../../ui/Answered';
import { moment, whole } from '../../ui/numbers';
import { Appearance } from './Appearance';
import { CheckCard } from './CheckCard';
import { DataCard } from './DataCard';
import { EventLog } from './EventLog';
import { OtherProject } from './OtherProject';
import { StructureEditor } from './StructureEditor';

export function ProjectPanel() {
  const project = useAnswer('project.get', {}, ['project.changed', 'cases.changed', 'run.changed']);
  return (
    <Answered answer={project} what="the project">
      {(open) =>
        open && (
          <div className="page project">
            <header>
              <h2>{open.name}</h2>
              <span className="quiet ellipsis">{open.folder}</span>
            </header>
            <div className="packed">
              <Facts project={open} />
              <DataCard />
              <StructureEditor structures={open.structures} />
              <CheckCard />
              <section className="card" aria-label="Another project">
                <header>
                  <h2>Another project</h2>
                </header>
                <OtherProject />
              </section>
              <Appearance />
            </div>
            <EventLog />
          </div>
        )
      }
    </Answered>
  );
}

function Facts({ project: { counts, createdAt, isDemo } }: { project: Project }) {
  const { data: info } = useAnswer('app.info', {});
  return (
    <section className="card" aria-label="This project">
      <header>
        <h2>This project</h2>
        <p>{isDemo ? 'synthetic phantoms that came with the program' : `made ${moment(createdAt)}`}</p>
      </header>
      <dl className="facts">
        <dt>Cases</dt>
        <dd>{whole(counts.cases)}</dd>
        <dt>Labelled</dt>
        <dd>{whole(counts.labelled)}</dd>
        {counts.drafts > 0 && (
          <>
            <dt>Drafts</dt>
            <dd>{whole(counts.drafts)}</dd>
          </>
        )}
        <dt>Unlabelled</dt>
        <dd>{whole(counts.unlabelled)}</dd>
        <dt>Test</dt>
        <dd>{whole(counts.test)}</dd>
        <dt>Runs</dt>
        <dd>{whole(counts.runs)}</dd>
        {info && (
          <>
            <dt>Device</dt>
            <dd>
              {info.device}, {info.cores} cores
            </dd>
            <dt>Understudy</dt>
            <dd>{info.version}</dd>
          </>
        )}
      </dl>
    </section>
  );
}
