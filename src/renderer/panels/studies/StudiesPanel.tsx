/** Studies: the form and the list on the left, the chosen study with its comparisons on the right. */
import './studies.css';
import type { Project } from '../../../shared/domain';
import type { CommonSettings } from '../../../shared/runs';
import type { Study } from '../../../shared/studies';
import { useAnswer } from '../../answers';
import { addressOf, usePlace } from '../../place';
import { Answered } from '../../ui/Answered';
import { EmptyState } from '../../ui/EmptyState';
import { ImportButton } from '../cases/ImportButton';
import { StudyForm } from './StudyForm';
import { StudyView } from './StudyView';
import { scored, stateWords } from './studyStates';

export function StudiesPanel() {
  const project = useAnswer('project.get', {}, ['project.changed', 'cases.changed']);
  const defaults = useAnswer('runs.defaults', { method: 'supervised' }, ['cases.changed']);
  const studies = useAnswer('studies.list', {}, ['study.changed']);
  return (
    <Answered answer={project} what="the project">
      {(open) => (
        <Answered answer={defaults} what="the defaults">
          {(settings) => (
            <Answered answer={studies} what="the studies">
              {(list) => open && <Studies project={open} defaults={settings} studies={list} />}
            </Answered>
          )}
        </Answered>
      )}
    </Answered>
  );
}

function Studies({ project, defaults, studies }: { project: Project; defaults: CommonSettings; studies: Study[] }) {
  const place = usePlace();
  const chosen = studies.find(({ id }) => id === place.id) ?? studies[0];
  return (
    <div className="columns">
      <div>
        <StudyForm number={(studies[0]?.number ?? 0) + 1} defaults={defaults} />
        {studies.length > 0 && <StudyList studies={studies} chosen={chosen} />}
      </div>
      <div className="study-view">
        {chosen ? (
          <ChosenStudy key={chosen.id} study={chosen} />
        ) : (
          <section className="card">
            <EmptyState title="No studies yet" actions={project.counts.test === 0 && <ImportButton />}>
              {project.counts.test === 0
                ? 'A study compares students on test cases, and there are none yet. Import a data set that has some, or move cases to the test split.'
                : 'A study says whether a difference is more than chance: it trains every configuration from several seeds and compares them case by case. Start one on the left.'}
            </EmptyState>
          </section>
        )}
      </div>
    </div>
  );
}

function ChosenStudy({ study }: { study: Study }) {
  const report = useAnswer('studies.get', { study: study.id }, ['study.changed']);
  return (
    <Answered answer={report} what="the study">
      {(found) => <StudyView report={found} />}
    </Answered>
  );
}

function StudyList({ studies, chosen }: { studies: Study[]; chosen: Study | undefined }) {
  return (
    <section className="card" aria-label="Studies">
      <header>
        <h2>Studies</h2>
        <p>one at a time; choose one to see what came out</p>
      </header>
      <div className="scroller">
        <table>
          <thead>
            <tr>
              <th scope="col">Study</th>
              <th scope="col" className="number">
                Students
              </th>
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            {studies.map((study) => (
              <tr key={study.id} className="pickable" data-chosen={study.id === chosen?.id}>
                <td>
                  <a
                    className="study-link"
                    href={addressOf({ panel: 'studies', id: study.id })}
                    aria-current={study.id === chosen?.id || undefined}
                  >
                    {study.name}
                  </a>
                </td>
                <td className="number">
                  {scored(study)} of {study.runs.length}
                </td>
                <td title={study.problem ?? undefined}>
                  <span className="row numeric">
                    <span className="dot" data-tone={stateWords[study.state].tone} /> {stateWords[study.state].word}
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
