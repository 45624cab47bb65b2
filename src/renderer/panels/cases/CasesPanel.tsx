/** Cases: the list, the room that shows the chosen one, and the inspector that measures it. */
import './cases.css';
import { useEffect } from 'react';
import type { Case, CaseId, Project } from '../../../shared/domain';
import type { EvaluationSummary } from '../../../shared/evaluation';
import { useAnswer } from '../../answers';
import { settle, usePlace } from '../../place';
import { Answered } from '../../ui/Answered';
import { EmptyState } from '../../ui/EmptyState';
import { CaseList } from './CaseList';
import { CaseWorkspace } from './CaseWorkspace';
import { ImportButton } from './ImportButton';

export function CasesPanel() {
  const project = useAnswer('project.get', {}, ['project.changed', 'cases.changed']);
  return (
    <Answered answer={project} what="the project">
      {(open) => open && <Cases project={open} />}
    </Answered>
  );
}

function Cases({ project }: { project: Project }) {
  const place = usePlace();
  const answer = useAnswer('cases.list', {}, ['cases.changed']);
  const { data: evaluations } = useAnswer('evaluations.list', {}, ['evaluations.changed']);
  const first = evaluations && answer.data && firstToSee(answer.data, evaluations);
  const isNamed = answer.data?.some(({ id }) => id === place.id);
  useEffect(() => {
    if (first && !isNamed) settle('cases', first);
  }, [first, isNamed]);
  return (
    <Answered answer={answer} what="the cases">
      {(cases) => {
        if (cases.length === 0) {
          return (
            <EmptyState isWhole title="No cases yet" actions={<ImportButton kind="primary" />}>
              Import PET/CT, CT or MR studies. Those that come with labels teach the student; it labels the others.
            </EmptyState>
          );
        }
        const chosen = cases.find(({ id }) => id === (isNamed ? place.id : first)) ?? cases[0];
        return (
          <div className="cases">
            <CaseList cases={cases} structures={project.structures} chosen={chosen} />
            <CaseWorkspace subject={chosen} structures={project.structures} structure={place.structure} />
          </div>
        );
      }}
    </Answered>
  );
}

/** A case with something to compare, if any is: the first that the best student was scored on. */
function firstToSee(cases: readonly Case[], [best]: readonly EvaluationSummary[]): CaseId | undefined {
  const scored = new Set(best?.cases.map((one) => one.case));
  return (cases.find(({ id }) => scored.has(id)) ?? cases[0])?.id;
}
