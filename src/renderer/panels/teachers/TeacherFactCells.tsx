/** What a teacher is and wants to see, as cells of a table's row: family, parameters, image. */
import { familyFacts, type Teacher } from '../../../shared/teachers';
import { parameterCount } from '../../ui/numbers';
import { inputWords } from './teacherWords';

type Facts = Pick<Teacher, 'family' | 'variant' | 'parameters' | 'modality' | 'spacingMm' | 'input'>;

export function TeacherFactCells({ teacher: { family, variant, parameters, modality, spacingMm, input } }: { teacher: Facts }) {
  return (
    <>
      <td>
        {familyFacts[family].title}
        <div className="caption">{variant}</div>
      </td>
      <td className="number">{parameterCount(parameters)}</td>
      <td>
        {modality ?? 'any image'}
        {spacingMm !== null && ` at ${spacingMm} mm`}
        <div className="caption">{inputWords(input)}</div>
      </td>
    </>
  );
}
