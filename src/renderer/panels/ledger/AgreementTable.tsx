/** How the agreement on every structure went as a run went on, over all its unlabelled cases. */
import type { Structure } from '../../../shared/domain';
import type { LedgerSummary, Tally } from '../../../shared/ledger';
import { decimals } from '../../ui/numbers';
import { byStructure, keptShare, structureName, windowWords } from './agreement';

export function AgreementTable({ summary, structures }: { summary: LedgerSummary; structures: readonly Structure[] }) {
  return (
    <section className="card" aria-label="Agreement by structure">
      <header>
        <h2>Agreement as the run went on</h2>
        <p>mean overlap of the teachers’ masks in all unlabelled patches, and the share of them that counted</p>
      </header>
      <div className="scroller">
        <table>
          <thead>
            <tr>
              <th scope="col">Structure</th>
              {summary.windows.map((window) => (
                <th key={window.to} scope="col" className="number">
                  {windowWords(window)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {byStructure(summary).map(({ structure, tallies }) => (
              <tr key={structure}>
                <td>{structureName(structures, structure)}</td>
                {summary.windows.map(({ to }, w) => (
                  <TallyCell key={to} tally={tallies[w]} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function TallyCell({ tally }: { tally: Tally | null }) {
  if (!tally || tally.present === 0) return <td className="number quiet">–</td>;
  return (
    <td className="number" title={`found in ${tally.present} of ${tally.seen} patches`}>
      {decimals(tally.agreement, 2)} <span className="caption">{keptShare(tally)}</span>
    </td>
  );
}
