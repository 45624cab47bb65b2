/** Which views stand where: pure arrangement, from what there is to show. */
import type { Plane } from './planes';
import { isStudent, type MaskSource } from './sources';

export type LayoutName = 'compare' | 'slices';

/**
 * One view of the room. Its id names the place, not the source: the next case's masks move into the same views.
 * `sources` are the ids of the masks it draws, first the one that may be filled.
 */
export type Tile = { readonly id: string; readonly sources: readonly string[] } & (
  | { readonly kind: 'slice'; readonly plane: Plane; readonly caption: string }
  /** Volume rendering with the surfaces of one source. */
  | { readonly kind: 'volume'; readonly caption: string }
  /** Surface of `sources[0]` coloured by its distance to `sources[1]`. */
  | { readonly kind: 'distance'; readonly caption: string }
);

export interface Layout {
  readonly columns: number;
  readonly tiles: readonly Tile[];
}

/** More columns than this do not fit side by side. */
const mostColumns = 4;

const slice = (id: string, plane: Plane, sources: readonly MaskSource[], caption: string): Tile => ({
  id,
  kind: 'slice',
  plane,
  sources: sources.map((source) => source.id),
  caption,
});
const volume = (id: string, source: MaskSource | null): Tile =>
  source ? { id, kind: 'volume', sources: [source.id], caption: source.caption } : { id, kind: 'volume', sources: [], caption: 'Image' };
const distance = (compared: MaskSource, reference: MaskSource): Tile => ({
  id: 'distance',
  kind: 'distance',
  sources: [compared.id, reference.id],
  caption: 'Surface distance to reference',
});

/** The mask that others are measured against. */
export const referenceOf = (sources: readonly MaskSource[]): MaskSource | null => sources.find(({ kind }) => kind === 'reference') ?? null;

/** The mask to look at closely: the chosen one, else the first student, else the last source. Never the reference when there is another. */
export function comparedOf(sources: readonly MaskSource[], chosen: string | null): MaskSource | null {
  const others = sources.filter(({ kind }) => kind !== 'reference');
  return others.find(({ id }) => id === chosen) ?? others.find(({ kind }) => kind === 'student') ?? others.at(-1) ?? sources.at(-1) ?? null;
}

/** Three planes and a 3D view of one source, or of the image alone. */
function slicesLayout(sources: readonly MaskSource[], chosen: string | null): Layout {
  const source = sources.find(({ id }) => id === chosen) ?? comparedOf(sources, chosen);
  const shown = source ? [source] : [];
  const caption = source?.caption ?? 'Image';
  return {
    columns: 2,
    tiles: [
      slice('axial', 'axial', shown, caption),
      slice('coronal', 'coronal', shown, caption),
      slice('sagittal', 'sagittal', shown, caption),
      volume('volume', source),
    ],
  };
}

/** What one column shows. */
interface Column {
  readonly sources: readonly MaskSource[];
  readonly caption: string;
}

/** One column per source; where these are too many the teachers, whose lines differ, share one, and what they agreed on has none. */
function columnsOf(sources: readonly MaskSource[]): Column[] {
  const apart = (shown: readonly MaskSource[]) => shown.map((source) => ({ sources: [source], caption: source.caption }));
  if (sources.length <= mostColumns) return apart(sources);
  const of = (...kinds: MaskSource['kind'][]) => sources.filter(({ kind }) => kinds.includes(kind));
  const teachers = of('teacher-ct', 'teacher-pet');
  const shared = teachers.length > 1 ? [{ sources: teachers, caption: 'Teachers · CT + PET' }] : apart(teachers);
  return [...apart(of('reference')), ...shared, ...apart(of('student', 'second-student'))].slice(0, mostColumns);
}

/** What is drawn into one picture: all sources, or, where nobody could follow so many lines, one of each kind. */
function togetherOf(sources: readonly MaskSource[], compared: MaskSource): Column {
  if (sources.length <= mostColumns) return { sources, caption: 'All sources' };
  const isShown = (source: MaskSource) => source.kind !== 'agreed' && (!isStudent(source) || source.id === compared.id);
  return { sources: sources.filter(isShown), caption: 'Together' };
}

/** Sources side by side in axial slices above; all together, and in 3D, below. Needs two sources, else the slices are all there is to see. */
function compareLayout(sources: readonly MaskSource[], chosen: string | null): Layout {
  if (sources.length < 2) return slicesLayout(sources, chosen);
  const reference = referenceOf(sources);
  const compared = comparedOf(sources, chosen)!;
  const together = togetherOf(sources, compared);
  const all = (plane: Plane) => slice(`all:${plane}`, plane, together.sources, together.caption);
  const beside = columnsOf(sources).map((column, rank) => slice(`axial:${rank}`, 'axial', column.sources, column.caption));
  const measured = reference && reference !== compared ? distance(compared, reference) : all('sagittal');
  if (sources.length === 2) {
    return { columns: 3, tiles: [...beside, all('coronal'), ...sources.map((source, rank) => volume(`volume:${rank}`, source)), measured] };
  }
  const filler = beside.length > 3 ? [all('sagittal')] : [];
  const last = filler.length > 0 && measured.kind === 'slice' ? volume('volume:first', sources[0]) : measured;
  return { columns: beside.length, tiles: [...beside, all('coronal'), ...filler, volume('volume', compared), last] };
}

export const layoutOf = (name: LayoutName, sources: readonly MaskSource[], chosen: string | null): Layout =>
  name === 'compare' ? compareLayout(sources, chosen) : slicesLayout(sources, chosen);
