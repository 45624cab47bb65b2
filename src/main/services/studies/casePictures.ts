/** Pictures of a study's cases: where its second configuration gained most on the first one, where it lost most, and the case in the middle. */
import { existsSync } from 'node:fs';
import type { StudentScores, Study } from '../../../shared/studies';
import { addressOf } from '../../files/durable';
import { getCases } from '../../store/cases';
import type { Store } from '../../store/store';
import { listStructures } from '../../store/structures';
import { masksOfStudy } from '../../store/studies';
import type { Desk } from '../desk';
import type { JobControl } from '../jobs';
import { drawPictures, imageOf, type Place, type ReportPicture, telling } from '../reportPictures';
import { storedMask } from '../stored';
import { caseDice } from './results';

/** One case, with the difference in its Dice that it was chosen for. */
export interface TellingCase {
  name: string;
  place: Place;
  difference: number;
  /** By configuration; null of a student that did not come to its scores. */
  dice: (number | null)[];
}
export interface TellingCases {
  budget: number;
  seed: number;
  /** How many they were chosen from. */
  among: number;
  /** The largest gain first. */
  cases: TellingCase[];
}
export interface CasePictures extends Omit<TellingCases, 'cases'> {
  /** A picture of the reference, then one by configuration; null where one of the masks is no longer there. */
  cases: (TellingCase & { pictures: { reference: string; students: (string | null)[] } | null })[];
}

/** Chosen by the students of the first budget and seed for which the first two configurations were scored; null where there are none. */
export function tellingCases(
  study: Pick<Study, 'budgets' | 'plan' | 'configurations'>,
  students: readonly StudentScores[],
): TellingCases | null {
  const scored = caseDice(students);
  for (const budget of study.budgets) {
    for (const seed of study.plan.seeds) {
      const of = study.configurations.map(
        (_, configuration) =>
          scored.find((one) => one.configuration === configuration && one.budget === budget && one.seed === seed)?.dice ?? null,
      );
      const [first, second] = of;
      if (!first || !second) continue;
      const differences = [...first].flatMap(([name, dice]) => {
        const other = second.get(name);
        return other === undefined ? [] : [{ name, difference: other - dice }];
      });
      if (differences.length === 0) continue;
      const ordered = differences.toSorted((a, b) => b.difference - a.difference || a.name.localeCompare(b.name));
      const cases = telling(ordered).map(({ one, place }) => ({ ...one, place, dice: of.map((dice) => dice?.get(one.name) ?? null) }));
      return { budget, seed, among: ordered.length, cases };
    }
  }
  return null;
}

/** @throws JobStopped */
export async function casePictures(
  desk: Desk,
  store: Store,
  study: Study,
  students: readonly StudentScores[],
  control: JobControl,
): Promise<CasePictures | null> {
  const chosen = tellingCases(study, students);
  if (!chosen) return null;
  const masks = masksOfStudy(store.read, study.id, chosen);
  const rows = chosen.cases.map((one) => ({ ...one, ...picturesOf(store, one, masks) }));
  const colours = Object.fromEntries(listStructures(store.read).map(({ index, colour }) => [index, colour]));
  const drawn = await drawPictures(
    desk,
    rows.flatMap(({ items }) => items ?? []),
    colours,
    control,
  );
  return {
    ...chosen,
    cases: rows.map(({ items, configurations, ...one }) => {
      if (!items) return { ...one, pictures: null };
      const [reference, ...ofStudents] = drawn.splice(0, items.length);
      const students = one.dice.map((_, configuration) => ofStudents[configurations.indexOf(configuration)] ?? null);
      return { ...one, pictures: { reference, students } };
    }),
  };
}

/** The reference alone, then each student's mask with the reference around it; no items where a file is gone. */
function picturesOf(
  store: Store,
  { name }: TellingCase,
  masks: ReturnType<typeof masksOfStudy>,
): { items: ReportPicture[] | null; configurations: number[] } {
  const ofCase = masks.filter((mask) => mask.name === name);
  const configurations = ofCase.map(({ configuration }) => configuration);
  const isThere = ofCase.every(({ mask, reference }) => [mask, reference].every((file) => existsSync(addressOf(store.files, file))));
  if (ofCase.length === 0 || !isThere) return { items: null, configurations };
  const [one] = getCases(store.read, [ofCase[0].case]);
  const shown = { ...imageOf(store, one), view: 'axial' } as const;
  const reference = { volume: storedMask(store, ofCase[0].reference, one.grid), style: 'reference' } as const;
  const students = ofCase.map(({ mask }): ReportPicture => {
    return { ...shown, masks: [reference, { volume: storedMask(store, mask, one.grid), style: 'student' }] };
  });
  return { items: [{ ...shown, masks: [reference] }, ...students], configurations };
}
