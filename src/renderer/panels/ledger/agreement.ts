/** The ledger in words and order. Pure. */
import type { Structure } from '../../../shared/domain';
import type { Difference, DisagreementOrder, LedgerSummary, StepWindow, Tally } from '../../../shared/ledger';
import type { Run } from '../../../shared/runs';
import { decimals, whole } from '../../ui/numbers';
import { readable } from '../../ui/words';

/** Runs whose teachers are asked, the newest first. */
export const runsThatAsk = (runs: readonly Run[]): Run[] =>
  runs.filter(({ method }) => method === 'muduo').toSorted((a, b) => b.number - a.number);

export const structureName = (structures: readonly Structure[], index: number): string =>
  readable(structures.find((structure) => structure.index === index)?.name ?? `structure ${index}`);

/** `Steps 1 121–1 400`, or `Step 7` alone. */
export const windowWords = ({ from, to }: StepWindow): string => (from === to ? `Step ${whole(to)}` : `Steps ${whole(from)}–${whole(to)}`);

/** The share of what was found that counted: `48 %`, or a dash where nothing was found. */
export const keptShare = ({ kept, present }: Pick<Tally, 'kept' | 'present'>): string =>
  present === 0 ? '–' : `${decimals((100 * kept) / present, 0)} %`;

/** What comes first on the work list, as a choice and in a sentence. */
export const orderWords: Record<DisagreementOrder, { label: string; title: string; words: string }> = {
  agreement: { label: 'Agreement', title: 'Where the teachers’ masks overlap least in the newest patches', words: 'least agreement' },
  volume: { label: 'Volume', title: 'Where they differ most, in millilitres of the whole case', words: 'largest difference' },
  confidence: { label: 'Confidence', title: 'Where both are sure and yet of different opinions', words: 'surest difference' },
};

/** How sure each teacher is where they differ: `where they differ the CT teacher is sure to 0.83, the PET teacher to 0.61`. */
export function surenessWords(difference: Difference | null): string {
  if (!difference) return 'this case was not looked at whole';
  const { sureness } = difference;
  if (!sureness) return 'they differ nowhere';
  return `where they differ the CT teacher is sure to ${decimals(sureness.ct, 2)}, the PET teacher to ${decimals(sureness.pet, 2)}`;
}

export interface StructureAgreement {
  structure: number;
  /** One per window; null where nothing was looked at. */
  tallies: (Tally | null)[];
}

/** All cases together, by structure; the agreement is the mean over what was found. Worst in the newest window first, unknown last. */
export function byStructure({ windows, lines }: LedgerSummary): StructureAgreement[] {
  const ofStructure = Map.groupBy(lines, ({ structure }) => structure);
  const all = [...ofStructure].map(([structure, cases]) => ({
    structure,
    tallies: windows.map((_, w) => together(cases.flatMap(({ tallies }) => tallies[w] ?? []))),
  }));
  const newest = ({ tallies }: StructureAgreement) => tallies.at(-1)?.agreement ?? Number.POSITIVE_INFINITY;
  return all.toSorted((a, b) => newest(a) - newest(b) || a.structure - b.structure);
}

function together(tallies: readonly Tally[]): Tally | null {
  if (tallies.length === 0) return null;
  const sum = (of: (tally: Tally) => number) => tallies.reduce((total, tally) => total + of(tally), 0);
  const agreed = tallies.filter(({ agreement }) => agreement !== null);
  const weight = agreed.reduce((total, { present }) => total + present, 0);
  return {
    seen: sum(({ seen }) => seen),
    present: sum(({ present }) => present),
    kept: sum(({ kept }) => kept),
    agreement: weight === 0 ? null : agreed.reduce((total, { agreement, present }) => total + (agreement ?? 0) * present, 0) / weight,
  };
}
