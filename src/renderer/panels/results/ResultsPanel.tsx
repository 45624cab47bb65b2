/** Results: how well each evaluated model agrees with the references, and two of them side by side. */
import './results.css';
import { useState } from 'react';
import type { Model, ModelId, Structure } from '../../../shared/domain';
import type { EvaluationSummary } from '../../../shared/evaluation';
import { useAnswer } from '../../answers';
import { ask } from '../../api';
import { addressOf, go, usePlace } from '../../place';
import { Action } from '../../ui/Action';
import { Answered } from '../../ui/Answered';
import { EmptyState } from '../../ui/EmptyState';
import { dice } from '../../ui/numbers';
import { ExportSheet } from '../project/ExportSheet';
import { predictAndEvaluate } from '../runs/predictAndEvaluate';
import { CaseScoresTable } from './CaseScoresTable';
import { StructureScores } from './StructureScores';

export function ResultsPanel() {
  const evaluations = useAnswer('evaluations.list', {}, ['evaluations.changed']);
  const { data: models } = useAnswer('models.list', {}, ['models.changed']);
  const { data: project } = useAnswer('project.get', {});
  return (
    <Answered answer={evaluations} what="the results">
      {(summaries) =>
        summaries.length === 0 ? (
          <NoResults models={models ?? []} />
        ) : (
          <Results summaries={summaries} models={models ?? []} structures={project?.structures ?? []} />
        )
      }
    </Answered>
  );
}

function NoResults({ models }: { models: Model[] }) {
  const model = models.findLast(({ which }) => which === 'best') ?? models.at(-1);
  if (!model) {
    return (
      <EmptyState
        isWhole
        title="No results yet"
        actions={
          <a className="button" data-kind="primary" href={addressOf({ panel: 'runs' })}>
            Train a student
          </a>
        }
      >
        Results compare a student’s masks with the reference labels of the test cases. First there has to be a student.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      isWhole
      title="No results yet"
      actions={
        <Action kind="primary" onAct={() => predictAndEvaluate(model.id)}>
          Predict and evaluate {model.name}
        </Action>
      }
    >
      {model.name} is trained. Let it draw its masks and measure them against the references.
    </EmptyState>
  );
}

function Results({ summaries, models, structures }: { summaries: EvaluationSummary[]; models: Model[]; structures: Structure[] }) {
  const place = usePlace();
  const [against, setAgainst] = useState<ModelId | ''>('');
  const [reports, setReports] = useState(false);
  const first = summaries.find(({ model }) => model === place.id) ?? summaries[0];
  const second = summaries.find(({ model }) => model === against && model !== first.model);
  const waiting = models.filter(({ id }) => !summaries.some(({ model }) => model === id));
  return (
    <div className="page results" data-two={second ? '' : undefined}>
      <header>
        <h2>Results</h2>
        <Choice label="Model" value={first.model} summaries={summaries} onChange={(id) => id && go('results', id)} />
        {summaries.length > 1 && (
          <Choice
            label="against"
            value={second?.model ?? ''}
            none="nothing"
            summaries={summaries.filter(({ model }) => model !== first.model)}
            onChange={setAgainst}
          />
        )}
        <span className="grow" />
        <button type="button" className="button" onClick={() => setReports(true)}>
          Write a report…
        </button>
        {waiting.slice(0, 2).map(({ id, name }) => (
          <Action key={id} onAct={() => predictAndEvaluate(id)}>
            Evaluate {name}
          </Action>
        ))}
      </header>
      <StructureScores first={first} second={second} structures={structures} />
      <CaseScoresTable first={first} second={second} structures={structures} />
      {reports && (
        <ExportSheet
          title={`Report on ${first.modelName}`}
          says="Writes one page that opens in any browser: settings, curves, scores, and pictures of the worst, the middle and the best case."
          fileName="report.html"
          onStart={(out) => ask('report.start', { model: first.model, out })}
          onClose={() => setReports(false)}
        />
      )}
    </div>
  );
}

interface ChoiceProps {
  label: string;
  value: ModelId | '';
  summaries: readonly EvaluationSummary[];
  none?: string;
  onChange: (model: ModelId | '') => void;
}

function Choice({ label, value, summaries, none, onChange }: ChoiceProps) {
  return (
    <label className="row quiet">
      {label}
      <select className="input" value={value} onChange={(event) => onChange(event.target.value as ModelId | '')}>
        {none && <option value="">{none}</option>}
        {summaries.map(({ model, modelName, mean }) => (
          <option key={model} value={model}>
            {modelName} · Dice {dice(mean.dice)}
          </option>
        ))}
      </select>
    </label>
  );
}
