/** What a weights file says of itself, in texts beside its tensors: so a teacher can be passed on with what it is and expects. */
import { modalities } from '../../../shared/domain';
import { fail } from '../../../shared/errors';
import { familyFacts, intensityTreatments, type StatedFacts, teacherFamilies } from '../../../shared/teachers';

const prefix = 'understudy.';

/** Said where there is nothing to hold to: any modality, voxels of any size. */
const any = 'any' as const;

/** The texts that are kept when a file is written anew. */
export const ownTexts = (metadata: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(metadata).filter(([key]) => key.startsWith(prefix)));

/**
 * Only what the file says; keys that are not known here are left alone.
 * @param file what sentences call it
 * @throws FILE_INVALID naming the field, what was expected and what came
 */
export function statedFacts(metadata: Readonly<Record<string, string>>, file: string): StatedFacts {
  const stated = <T>(key: string, read: (typed: string, field: string) => T): T | undefined => {
    const field = prefix + key;
    return Object.hasOwn(metadata, field) ? read(metadata[field], field) : undefined;
  };
  const oneOf =
    <T extends string>(known: readonly T[]) =>
    (typed: string, field: string): T =>
      known.find((one) => one === typed) ?? refuse(file, field, known.join(', '), typed);
  const text =
    (longest: number) =>
    (typed: string, field: string): string => {
      const words = typed.trim();
      return words !== '' && words.length <= longest ? words : refuse(file, field, `a text of 1 to ${longest} letters`, typed);
    };

  const family = stated('family', oneOf(teacherFamilies));
  const modality = stated('modality', oneOf([...modalities, any]));
  const licence = stated('licence', text(120));
  return given({
    family,
    name: stated('name', text(120)),
    modality: modality === any ? null : modality,
    spacingMm: stated('spacingMm', (typed, field) => spacingOf(typed, field, file)),
    intensity: stated('intensity', oneOf(intensityTreatments)),
    licence:
      licence === undefined
        ? undefined
        : {
            ...{ summary: '', where: '' },
            ...sameLicence(licence),
            name: licence,
            ...given({ summary: stated('licenceSummary', text(4000)), where: stated('licenceWhere', text(1000)) }),
          },
    about: stated('about', text(2000)),
  });
}

/** What is known here of a licence by its name; where it can be read differs from file to file. */
function sameLicence(name: string): { summary: string } | undefined {
  const known = Object.values(familyFacts).find(({ licence }) => licence?.name === name)?.licence;
  return known ? { summary: known.summary } : undefined;
}

function spacingOf(typed: string, field: string, file: string): number | null {
  if (typed === any) return null;
  const spacing = /^\d+(\.\d+)?$/.test(typed) ? Number(typed) : Number.NaN;
  return spacing >= 0.1 && spacing <= 50 ? spacing : refuse(file, field, `millimetres from 0.1 to 50, or ${any}`, typed);
}

const refuse = (file: string, field: string, expected: string, came: string): never =>
  fail('FILE_INVALID', file, field, expected, came === '' ? 'empty' : `“${came.length > 60 ? `${came.slice(0, 60)}…` : came}”`);

/** Without what was not said. */
const given = <T extends object>(said: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };
