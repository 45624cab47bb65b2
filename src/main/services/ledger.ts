/** The ledger of a run: how its teachers agreed as training went on, and where a person should look first. */
import type { Handlers } from '../../shared/contract';
import type { CaseId } from '../../shared/domain';
import { confidenceOf, type Disagreement, type DisagreementOrder, type LedgerSummary } from '../../shared/ledger';
import { stepsAlone } from '../../shared/methods';
import type { Run } from '../../shared/runs';
import { listCases } from '../store/cases';
import { momentsOfCase, newestDifferences } from '../store/moments';
import { disagreementsOf, lastPseudoStep, talliesOf, type WindowedSteps } from '../store/pseudoLabels';
import { getRun } from '../store/runs';
import type { Reader } from '../store/store';
import type { Desk } from './desk';
import { acceptMoment } from './ledgerAccept';

/** The work list rests on the last so-manieth part of the steps: what teachers say of a beginner's masks is soon outdated. */
const newestPart = 5;

export const ledgerHandlers = (
  desk: Desk,
): Pick<Handlers, 'ledger.summary' | 'ledger.disagreements' | 'ledger.moments' | 'ledger.accept'> => ({
  'ledger.summary': ({ run: id, windows: wanted }) => {
    const { read } = desk.store();
    const run = getRun(read, id);
    const { begun, last } = askedSteps(read, run);
    const count = Math.min(wanted, last - begun);
    const windows = Array.from({ length: count }, (_, w) => ({
      from: begun + Math.floor((w * (last - begun)) / count) + 1,
      to: begun + Math.floor(((w + 1) * (last - begun)) / count),
    }));
    return { windows, lines: count === 0 ? [] : linesOf(read, run, { begun, last, windows: count }) };
  },

  'ledger.disagreements': ({ run: id, limit, by }) => {
    const { read } = desk.store();
    const run = getRun(read, id);
    const { begun, last } = askedSteps(read, run);
    if (last === begun) return { window: null, list: [] };
    const after = last - Math.ceil((last - begun) / newestPart);
    const cases = new Map(listCases(read).map((one) => [one.id, one]));
    const differences = new Map(newestDifferences(read, run.id).map(({ case: of, structure, ...rest }) => [`${of} ${structure}`, rest]));
    const list = disagreementsOf(read, run.id, after).flatMap((found): Disagreement[] => {
      const one = cases.get(found.case);
      // Where a person has finished labelling meanwhile there is nothing left to do.
      if (!one || one.label?.state === 'complete') return [];
      const difference = differences.get(`${found.case} ${found.structure}`) ?? null;
      return [{ ...found, name: one.name, agreement: found.agreement ?? found.lowest, difference }];
    });
    return { window: { from: after + 1, to: last }, list: list.toSorted(firstBy[by]).slice(0, limit) };
  },

  'ledger.moments': ({ case: of }) => momentsOfCase(desk.store().read, of),

  'ledger.accept': (asked) => acceptMoment(desk, asked),
});

/** The steps of a run in which teachers were asked so far: none before unlabelled patches join. */
function askedSteps(read: Reader, { id, settings }: Run): { begun: number; last: number } {
  const begun = stepsAlone(settings);
  return { begun, last: Math.max(begun, lastPseudoStep(read, id)) };
}

const largestFirst = (measure: (of: Disagreement) => number | null) => (a: Disagreement, b: Disagreement) =>
  (measure(b) ?? -1) - (measure(a) ?? -1) || a.agreement - b.agreement;

const firstBy: Record<DisagreementOrder, (a: Disagreement, b: Disagreement) => number> = {
  agreement: (a, b) => a.agreement - b.agreement,
  volume: largestFirst(({ difference }) => difference?.volumeMl ?? null),
  confidence: largestFirst(({ difference }) => difference && confidenceOf(difference)),
};

function linesOf(read: Reader, run: Run, span: WindowedSteps): LedgerSummary['lines'] {
  const names = new Map<CaseId, string>(listCases(read).map(({ id, name }) => [id, name]));
  const ofLine = Map.groupBy(talliesOf(read, run.id, span), (tally) => `${tally.case} ${tally.structure}`);
  return [...ofLine.values()]
    .map((tallies) => ({
      case: tallies[0].case,
      name: names.get(tallies[0].case) ?? tallies[0].case,
      structure: tallies[0].structure,
      tallies: Array.from({ length: span.windows }, (_, w) => {
        const found = tallies.find(({ window }) => window === w);
        return found ? { seen: found.seen, present: found.present, kept: found.kept, agreement: found.agreement } : null;
      }),
    }))
    .toSorted((a, b) => a.name.localeCompare(b.name) || a.structure - b.structure);
}
