/** Whether a label can be used: on the grid of its image, and with values the project knows. */
import type { ImportReport } from '../../../shared/domain';
import { AppError, fail } from '../../../shared/errors';
import { describeGrid, type Grid, sameGrid } from '../../../shared/geometry';
import type { DecodedVolume } from '../../compute/jobData';
import { listStructures } from '../../store/structures';
import { type DecodedLabel, decodeLabel, type ImportContext } from './decodeCase';
import { isFatal, type PlannedCase, refusal } from './plan';

/** Values that occur in a label, without the background. */
export const valuesOf = (label: DecodedVolume): number[] =>
  Object.keys(label.voxels)
    .map(Number)
    .filter((value) => value !== 0);

/** The planned label, or why it is refused; neither if none is planned. @throws what would refuse every further file too */
export async function labelFor(
  context: ImportContext,
  planned: PlannedCase,
  image: { fileName: string; grid: Grid },
): Promise<{ label: DecodedLabel | null; refused: ImportReport['refused'] }> {
  const path = planned.label;
  if (!path) return { label: null, refused: [] };
  try {
    const label = await decodeLabel(context, planned, path);
    if (!sameGrid(label.grid, image.grid)) {
      fail('GRID_MISMATCH', path, describeGrid(label.grid), image.fileName, describeGrid(image.grid));
    }
    requireKnownValues(context, path, label);
    return { label, refused: [] };
  } catch (error) {
    if (!(error instanceof AppError) || isFatal(error)) throw error;
    return { label: null, refused: [refusal(path, error)] };
  }
}

function requireKnownValues({ store, mayNameStructures }: ImportContext, path: string, label: DecodedVolume): void {
  if (mayNameStructures) return;
  const known = listStructures(store.read);
  const unknown = valuesOf(label).filter((value) => !known.some(({ index }) => index === value));
  if (unknown.length === 0) return;
  const names = known.map(({ index, name }) => `${index} (${name})`).join(', ');
  fail('LABEL_VALUES', path, unknown.join(', '), names || 'the background, 0');
}
