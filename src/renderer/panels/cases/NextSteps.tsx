/** What to do after the demo has been made: steps that tick themselves off, until the person puts them away. */
import { useEffect, useState } from 'react';
import type { Case } from '../../../shared/domain';
import { useAnswer } from '../../answers';
import { addressOf } from '../../place';
import { Icon } from '../../ui/icons';

const awayKey = 'understudy.nextSteps';
/** Folder of the project whose comparison was last looked at. */
const lookedKey = 'understudy.lookedAtComparison';

/** @param chosen the case in the room */
export function NextSteps({ chosen }: { chosen: Case | undefined }) {
  const [isPutAway, setPutAway] = useState(() => localStorage.getItem(awayKey) === 'away');
  const [lookedAt, setLookedAt] = useState(() => localStorage.getItem(lookedKey));
  const { data: project } = useAnswer('project.get', {});
  const { data: runs } = useAnswer('runs.list', {}, ['run.changed']);
  const { data: cases } = useAnswer('cases.list', {}, ['cases.changed']);
  const { data: evaluations } = useAnswer('evaluations.list', {}, ['evaluations.changed']);
  const folder = project?.folder;
  const isLooking = evaluations?.[0]?.cases.some((evaluated) => evaluated.case === chosen?.id) ?? false;
  useEffect(() => {
    if (!isLooking || !folder) return;
    localStorage.setItem(lookedKey, folder);
    setLookedAt(folder);
  }, [isLooking, folder]);
  if (isPutAway || !project?.isDemo || !runs || !evaluations || !cases) return null;
  const worst = evaluations[0]?.cases[0];
  const draft = cases.find(({ label }) => label?.state === 'draft');
  const steps = [
    ...(draft ? [{ does: 'Complete the label you began', isDone: false, address: addressOf({ panel: 'cases', id: draft.id }) }] : []),
    { does: 'Train a student', isDone: runs.some(({ state }) => state === 'done'), address: addressOf({ panel: 'runs' }) },
    {
      does: 'Look at the comparison',
      isDone: lookedAt === folder,
      address: worst ? addressOf({ panel: 'cases', id: worst.case }) : addressOf({ panel: 'results' }),
    },
    { does: 'Import your own studies', isDone: false, address: addressOf({ panel: 'project' }) },
  ];
  return (
    <section className="next-steps" aria-label="Next steps">
      <header>
        <h3>Next steps</h3>
        <button
          type="button"
          className="button"
          data-kind="quiet"
          data-icon-only=""
          aria-label="Put the next steps away"
          onClick={() => {
            localStorage.setItem(awayKey, 'away');
            setPutAway(true);
          }}
        >
          <Icon name="close" />
        </button>
      </header>
      <ol>
        {steps.map(({ does, isDone, address }, at) => (
          <li key={does}>
            <a href={address} aria-label={isDone ? `${does}, done` : undefined}>
              <span className="step-number">{isDone ? <Icon name="check" /> : at + 1}</span>
              {does}
            </a>
          </li>
        ))}
      </ol>
    </section>
  );
}
