/** Where the student's volumes are furthest from the reference, largest first; a click goes there. */
import type { Case, Structure } from '../../../shared/domain';
import { decimals, signedMillilitres } from '../../ui/numbers';
import { readable } from '../../ui/words';
import { volumeDifferences } from './measure';
import type { Sources } from './useSources';

const most = 8;

interface DifferencesProps {
  subject: Case;
  structures: Structure[];
  sources: Sources;
  onLook: (structure: number) => void;
}

export function Differences({ subject: { label, grid }, structures, sources, onLook }: DifferencesProps) {
  const predicted = sources.student?.prediction?.voxels;
  if (!label || !predicted) return null;
  const differences = volumeDifferences(label.voxels, predicted, structures, grid).slice(0, most);
  return (
    <section aria-label="Largest differences">
      <div className="inspector-head">
        <h3>Largest differences</h3>
        <span className="caption">student − reference</span>
      </div>
      {differences.map(({ structure: { index, name }, referenceMl, predictedMl, differenceMl }) => (
        <button key={index} type="button" className="difference" onClick={() => onLook(index)}>
          <span className="ellipsis">{readable(name)}</span>
          <span className={differenceMl > 0 ? 'larger' : 'smaller'}>{signedMillilitres(differenceMl)}</span>
          <span className="caption">
            {decimals(predictedMl, 1)} of {decimals(referenceMl, 1)} mL
          </span>
        </button>
      ))}
    </section>
  );
}
