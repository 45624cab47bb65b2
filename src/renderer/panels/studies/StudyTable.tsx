/** Configurations with their means, and how each differs from the first one. */
import { useState } from 'react';
import type { PairedDifference } from '../../../shared/pairedDifferences';
import type { StudyReport } from '../../../shared/studies';
import { intervalWords, signedNumber } from '../../../shared/studyDrawing';
import { neverFoundWords, seedsBetterWords } from '../../../shared/studyWords';
import { decimals } from '../../ui/numbers';
import { StudyRuns } from './StudyRuns';

export function StudyTable({ report, budget }: { report: StudyReport; budget: number }) {
  const { study, structures, groups, comparisons } = report;
  const [chosen, setChosen] = useState<number | null>(null);
  return (
    <section className="card" aria-label="Configurations">
      <header>
        <h2>Configurations</h2>
        <p>
          means over test cases and seeds; differences to {study.configurations[0].name}, same cases and seeds, with 95 % bootstrap
          intervals; choose one to see its runs
        </p>
      </header>
      <div className="scroller">
        <table>
          <thead>
            <tr>
              <th scope="col">Configuration</th>
              <th scope="col" className="number">
                Students
              </th>
              <th scope="col" className="number">
                Dice
              </th>
              <th scope="col" className="number">
                HD95 mm
              </th>
              <th scope="col" className="number">
                Dice, difference
              </th>
              <th scope="col">Verdict</th>
              <th scope="col" className="number">
                HD95, difference mm
              </th>
            </tr>
          </thead>
          <tbody>
            {groups
              .filter((group) => group.budget === budget)
              .map((group) => {
                const { configuration, dice: mean, diceBySeed, means } = group;
                const missed = neverFoundWords(group, structures);
                const found = comparisons.find((one) => one.configuration === configuration && one.budget === budget);
                return (
                  <tr key={configuration} data-chosen={chosen === configuration} className="pickable">
                    <td>
                      <button type="button" className="linklike" onClick={() => setChosen(chosen === configuration ? null : configuration)}>
                        {study.configurations[configuration].name}
                      </button>
                      {missed && <div className="caption">never found: {missed}</div>}
                    </td>
                    <td className="number quiet">
                      {diceBySeed.length} of {study.plan.seeds.length}
                    </td>
                    <td className="number">
                      <strong>{decimals(mean?.mean, 3)}</strong>
                    </td>
                    <td className="number">{decimals(means?.hd95Mm, 1)}</td>
                    <Difference found={found?.dice} digits={3} />
                    <Verdict found={found?.dice} />
                    <Difference found={found?.hd95Mm} digits={1} />
                  </tr>
                );
              })}
          </tbody>
        </table>
      </div>
      {chosen !== null && <StudyRuns study={study} configuration={chosen} />}
    </section>
  );
}

type Found = { found: PairedDifference | null | undefined };

function Difference({ found, digits }: Found & { digits: number }) {
  if (!found) return <td className="number quiet">–</td>;
  return (
    <td className="number">
      {signedNumber(found.mean, digits)} <span className="caption">{intervalWords(found, digits)}</span>
    </td>
  );
}

function Verdict({ found }: Found) {
  if (!found) return <td className="quiet">–</td>;
  const { verdict } = found;
  return (
    <td className={verdict === 'cannot tell apart' ? 'quiet' : verdict}>
      {verdict}
      <div className="caption">{seedsBetterWords(found)}</div>
    </td>
  );
}
