/** Ledger: what the teachers of a run agreed on as it went on, and the places where a person should look first. */
import './ledger.css';
import { useState } from 'react';
import type { Structure } from '../../../shared/domain';
import type { DisagreementOrder } from '../../../shared/ledger';
import type { Run } from '../../../shared/runs';
import { useAnswer } from '../../answers';
import { ask } from '../../api';
import { addressOf, go, usePlace } from '../../place';
import { Action } from '../../ui/Action';
import { Answered } from '../../ui/Answered';
import { EmptyState } from '../../ui/EmptyState';
import { titleOf } from '../runs/runStates';
import { AgreementTable } from './AgreementTable';
import { runsThatAsk } from './agreement';
import { WorkList } from './WorkList';

export function LedgerPanel() {
  const runs = useAnswer('runs.list', {}, ['run.changed']);
  const { data: project } = useAnswer('project.get', {}, ['project.changed']);
  return (
    <Answered answer={runs} what="the runs">
      {(list) => {
        const asking = runsThatAsk(list);
        if (asking.length === 0) return <NothingAsked />;
        return <Ledger runs={asking} structures={project?.structures ?? []} />;
      }}
    </Answered>
  );
}

function NothingAsked() {
  return (
    <EmptyState
      isWhole
      title="No pseudo-labels yet"
      actions={
        <a className="button" data-kind="primary" href={addressOf({ panel: 'runs' })}>
          Start a run by MuDuo
        </a>
      }
    >
      A run by MuDuo asks its teachers about unlabelled cases before every step. What they agree on, and where they disagree, is kept here.
    </EmptyState>
  );
}

function Ledger({ runs, structures }: { runs: Run[]; structures: Structure[] }) {
  const place = usePlace();
  const [by, order] = useState<DisagreementOrder>('agreement');
  const run = runs.find(({ id }) => id === place.id) ?? runs.find(({ step }) => step > 0) ?? runs[0];
  const disagreements = useAnswer('ledger.disagreements', { run: run.id, by }, ['run.progress', 'run.changed', 'cases.changed']);
  const summary = useAnswer('ledger.summary', { run: run.id }, ['run.progress', 'run.changed', 'cases.changed']);
  return (
    <div className="page ledger">
      <header>
        <h2>Ledger</h2>
        <label className="row quiet">
          Run
          <select className="input" value={run.id} onChange={(event) => go('ledger', event.target.value)}>
            {runs.map((one) => (
              <option key={one.id} value={one.id}>
                {titleOf(one)}
              </option>
            ))}
          </select>
        </label>
        {run.state === 'done' && <Action onAct={() => ask('ledger.look', { run: run.id })}>Look at the test cases</Action>}
      </header>
      <Answered answer={disagreements} what="the work list">
        {(found) => <WorkList disagreements={found} by={by} onOrder={order} run={run} structures={structures} />}
      </Answered>
      <Answered answer={summary} what="the agreement">
        {(found) => (found.windows.length > 0 ? <AgreementTable summary={found} structures={structures} /> : null)}
      </Answered>
    </div>
  );
}
