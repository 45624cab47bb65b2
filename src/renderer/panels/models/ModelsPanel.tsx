/** Models: the students that runs have left behind, and how to use them or take them away. */
import { useState } from 'react';
import type { Model } from '../../../shared/domain';
import type { Run } from '../../../shared/runs';
import { useAnswer } from '../../answers';
import { addressOf } from '../../place';
import { Action } from '../../ui/Action';
import { Answered } from '../../ui/Answered';
import { EmptyState } from '../../ui/EmptyState';
import { dice, moment, parameterCount, whole } from '../../ui/numbers';
import { predictAndEvaluate } from '../runs/predictAndEvaluate';
import { ExportModelSheet } from './ExportModelSheet';

export function ModelsPanel() {
  const models = useAnswer('models.list', {}, ['models.changed']);
  const { data: runs } = useAnswer('runs.list', {}, ['run.changed']);
  const [exported, setExported] = useState<Model | null>(null);
  return (
    <Answered answer={models} what="the models">
      {(list) => {
        if (list.length === 0) {
          return (
            <EmptyState
              isWhole
              title="No models yet"
              actions={
                <a className="button" data-kind="primary" href={addressOf({ panel: 'runs' })}>
                  Train a student
                </a>
              }
            >
              Every run leaves its best and its last student here, ready to label cases or to be taken away as ONNX.
            </EmptyState>
          );
        }
        return (
          <div className="page">
            <header>
              <h2>Models</h2>
            </header>
            <section className="card" aria-label="Models">
              <ModelTable models={list} runs={runs ?? []} onExport={setExported} />
            </section>
            {exported && <ExportModelSheet model={exported} onClose={() => setExported(null)} />}
          </div>
        );
      }}
    </Answered>
  );
}

interface ModelTableProps {
  models: Model[];
  runs: Run[];
  onExport: (model: Model) => void;
}

function ModelTable({ models, runs, onExport }: ModelTableProps) {
  return (
    <div className="scroller">
      <table>
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col">Run</th>
            <th scope="col">Network</th>
            <th scope="col">Input</th>
            <th scope="col" className="number">
              Parameters
            </th>
            <th scope="col" className="number">
              Step
            </th>
            <th scope="col" className="number">
              Validation Dice
            </th>
            <th scope="col">Saved</th>
            <th scope="col">
              <span className="visually-hidden">What can be done</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {models.map((model) => {
            const run = runs.find(({ id }) => id === model.run);
            return <ModelRow key={model.id} model={model} run={run} onExport={onExport} />;
          })}
        </tbody>
      </table>
    </div>
  );
}

function ModelRow({ model, run, onExport }: { model: Model; run: Run | undefined; onExport: (model: Model) => void }) {
  const { widths, patch, spacingMm, channels, structures } = model.spec;
  return (
    <tr>
      <td>
        <strong>{model.name}</strong>
        <div className="caption">{model.which} checkpoint</div>
      </td>
      <td>{run ? <a href={addressOf({ panel: 'runs', id: run.id })}>run {run.number}</a> : '–'}</td>
      <td>
        3D U-Net {widths[0]}…{widths.at(-1)}
        <div className="caption">{structures.length} structures</div>
      </td>
      <td>
        {channels.map(({ modality }) => modality).join(' + ')}
        <div className="caption">
          {patch.join('×')} voxels of {spacingMm.join('×')} mm
        </div>
      </td>
      <td className="number">{parameterCount(model.parameters)}</td>
      <td className="number">{whole(model.step)}</td>
      <td className="number">{dice(model.validationDice)}</td>
      <td className="numeric quiet">{moment(model.createdAt)}</td>
      <td>
        <span className="row" style={{ justifyContent: 'flex-end' }}>
          <Action size="small" onAct={() => predictAndEvaluate(model.id)}>
            Predict and evaluate
          </Action>
          <button type="button" className="button" data-size="small" onClick={() => onExport(model)}>
            Export ONNX…
          </button>
        </span>
      </td>
    </tr>
  );
}
