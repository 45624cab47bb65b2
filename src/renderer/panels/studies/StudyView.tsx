/** The chosen study: how far it is, what came out so far, and how that is drawn. */
import { useState } from 'react';
import type { StudyReport } from '../../../shared/studies';
import { drawBudgets, drawDifferences } from '../../../shared/studyDrawing';
import { trainedOnWords } from '../../../shared/studyWords';
import { ask } from '../../api';
import { Action } from '../../ui/Action';
import { EmptyState } from '../../ui/EmptyState';
import { JobProgress } from '../../ui/JobProgress';
import { useJob } from '../../ui/jobs';
import { counted } from '../../ui/numbers';
import { Segmented } from '../../ui/Segmented';
import { ExportSheet } from '../project/ExportSheet';
import { Drawn } from './Drawn';
import { StudyTable } from './StudyTable';
import { mayResume, scored, stateWords } from './studyStates';

export function StudyView({ report }: { report: StudyReport }) {
  const { study, comparisons } = report;
  const [chosen, setChosen] = useState<number | null>(null);
  const budget = chosen !== null && study.budgets.includes(chosen) ? chosen : study.budgets[study.budgets.length - 1];
  const differences = drawDifferences(report, budget);
  const curve = drawBudgets(report);
  const compared = comparisons.flatMap((one) => (one.budget === budget && one.dice ? [one.dice] : []));
  const [cases, seeds] = (['cases', 'seeds'] as const).map((what) => Math.max(0, ...compared.map((dice) => dice[what])));
  return (
    <>
      <StudyHead report={report} />
      {scored(study) === 0 ? (
        <section className="card">
          <EmptyState title="Differences appear here">As soon as students are trained and scored on the test cases.</EmptyState>
        </section>
      ) : (
        <>
          {study.budgets.length > 1 && (
            <div className="row study-budgets">
              <span className="quiet">Labelled cases</span>
              <Segmented
                label="Labelled cases"
                value={String(budget)}
                options={study.budgets.map((one) => ({ value: String(one), label: String(one) }))}
                onChange={(value) => setChosen(Number(value))}
              />
            </div>
          )}
          <StudyTable report={report} budget={budget} />
          {differences && (
            <section className="card" aria-label="Paired differences">
              <header>
                <h2>Paired difference to {study.configurations[0].name}</h2>
                <p>
                  Dice, {counted(cases, 'test case')} × {counted(seeds, 'seed')}, {counted(budget, 'label')}, 95 % bootstrap interval
                </p>
              </header>
              <Drawn drawing={differences} />
            </section>
          )}
          {curve && (
            <section className="card" aria-label="Label budget">
              <header>
                <h2>Label budget</h2>
                <p>mean Dice on test cases; shaded: 95 % interval over seeds and cases</p>
              </header>
              <Drawn drawing={curve} />
            </section>
          )}
        </>
      )}
    </>
  );
}

function StudyHead({ report }: { report: StudyReport }) {
  const { study } = report;
  const [reports, setReports] = useState(false);
  const { data: job } = useJob(study.job);
  const { word, tone } = stateWords[study.state];
  return (
    <section className="card study-head" aria-label={`Study ${study.number}`}>
      <header>
        <h2>{study.name}</h2>
        <span className="row">
          <span className="badge" data-tone={tone}>
            <span className="dot" data-tone={tone} /> {word}
          </span>
          {mayResume(study) && (
            <Action kind="primary" onAct={() => ask('studies.resume', { study: study.id })}>
              Go on
            </Action>
          )}
          {scored(study) > 0 && (
            <button type="button" className="button" onClick={() => setReports(true)}>
              Write a report…
            </button>
          )}
        </span>
        <p>
          {scored(study)} of {counted(study.runs.length, 'student')} scored · seeds {study.plan.seeds.join(', ')} · labelled cases{' '}
          {study.budgets.join(', ')}
        </p>
        {report.devices.length > 0 && <p>{trainedOnWords(report)}</p>}
      </header>
      {study.problem && (
        <p className="message" data-tone="bad" role="alert">
          {study.problem}
        </p>
      )}
      {study.job !== null && job && <JobProgress job={job} onStop={() => ask('studies.stop', { study: study.id })} />}
      {reports && (
        <ExportSheet
          title={`Report on ${study.name}`}
          says="Writes one page that opens in any browser, with tables and drawings; under a name that ends in .csv, every score as a table."
          fileName="study.html"
          onStart={(out) => ask('studies.export', { study: study.id, out })}
          onClose={() => setReports(false)}
        />
      )}
    </section>
  );
}
