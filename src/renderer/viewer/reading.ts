/** What lies under the cursor: place, values with their units, and the structure each source sees there. */
import type { Modality, Unit } from '../../shared/domain';
import { type Index3, type PointMm, toMm } from '../../shared/geometry';
import type { CaseVoxels } from './caseVoxels';
import { isInMask } from './prompting/previewMask';
import type { RoomState } from './roomState';

export interface CursorReading {
  mm: PointMm;
  index: Index3;
  /** In channel order; channels whose voxels have not arrived are left out. */
  values: { modality: Modality; unit: Unit; value: number }[];
  /** By source id, a teacher's unaccepted mask as `preview`; background is left out. */
  structures: { source: string; structure: number }[];
}

export function readAt(
  { subject, sources, prompting: { shown, structure } }: Pick<RoomState, 'subject' | 'sources' | 'prompting'>,
  voxels: CaseVoxels,
  index: Index3,
): CursorReading {
  const preview = shown && structure !== null && isInMask(shown, index) ? [{ source: 'preview', structure }] : [];
  const [width, height] = subject.grid.size;
  const at = index[0] + width * (index[1] + height * index[2]);
  return {
    mm: toMm(subject.grid, index),
    index,
    values: subject.channels.flatMap(({ modality, unit }, position) => {
      const stream = voxels.channels[position];
      return stream.hasSlice(index[2]) ? [{ modality, unit, value: stream.voxels[at] }] : [];
    }),
    structures: [
      ...sources.flatMap(({ id }) => {
        const stream = voxels.mask(id);
        const found = stream?.hasSlice(index[2]) ? stream.voxels[at] : 0;
        return found > 0 ? [{ source: id, structure: found }] : [];
      }),
      ...preview,
    ],
  };
}
