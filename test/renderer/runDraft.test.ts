/** A run as it stands in the form: methods keep their own settings, and teachers decide what the student sees. */
import { describe, expect, test } from 'vitest';
import { freshDraft, type RunDefaults, settingsOf, teachersFor, withTeacher } from '../../src/renderer/panels/runs/draft';
import { rangeOfSchema } from '../../src/renderer/panels/runs/fields';
import { intended, meanTeacherDefaults, muduoDefaults, released } from '../../src/shared/methods';
import { choicesInWords, methodFacts } from '../../src/shared/methodWords';
import { meanTeacherSettings, muduoSettings, trainSettings } from '../../src/shared/schemas';
import type { Teacher, TeacherId } from '../../src/shared/teachers';
import { settings as sample } from '../store/sample';

const { method: _supervised, ...common } = sample;
const ids = ['10000000-0000-4000-8000-000000000001', '10000000-0000-4000-8000-000000000002'] as unknown as TeacherId[];
const defaults: RunDefaults = {
  supervised: { ...common, method: 'supervised' },
  meanTeacher: { ...common, method: 'meanTeacher', meanTeacher: meanTeacherDefaults },
  muduo: { ...common, method: 'muduo', muduo: { ...muduoDefaults, teachers: { ct: null, pet: null } } },
};
const teacher = (id: TeacherId, changes: Partial<Teacher> = {}) =>
  ({ id, family: 'sam-med3d', modality: 'CT', spacingMm: 5, acceptedAt: '', input: { axes: 3, channels: 1, sides: [48, 48, 48], multipleOf: 6 }, ...changes }) as Teacher; // biome-ignore format: a fixture

describe('the draft of a run', () => {
  test('keeps what was said of each method while another is looked at', () => {
    const draft = { ...freshDraft('muduo'), common: { steps: 7 }, muduo: { clicks: 1 }, meanTeacher: { decay: 0.5 } };
    expect(settingsOf(draft, defaults)).toMatchObject({ method: 'muduo', steps: 7, muduo: { clicks: 1, filter: 'betterHalf' } });
    expect(settingsOf({ ...draft, method: 'meanTeacher' }, defaults)).toMatchObject({ steps: 7, meanTeacher: { decay: 0.5 } });
    expect(settingsOf({ ...draft, method: 'supervised' }, defaults)).toEqual({ ...common, method: 'supervised', steps: 7 });
  });

  test('is complete only with a teacher, and then sees what that teacher sees', () => {
    const draft = freshDraft('muduo');
    expect(trainSettings.safeParse(settingsOf(draft, defaults)).success).toBe(false);
    const chosen = withTeacher(draft, defaults, 'ct', teacher(ids[0]));
    const settings = settingsOf(chosen, defaults);
    expect(trainSettings.safeParse(settings).success).toBe(true);
    expect(settings).toMatchObject({ patch: [48, 48, 48], spacingMm: [5, 5, 5], muduo: { teachers: { ct: ids[0], pet: null } } });
    const both = withTeacher(chosen, defaults, 'pet', teacher(ids[1], { modality: 'PET' }));
    expect(settingsOf(both, defaults)).toMatchObject({ muduo: { teachers: { ct: ids[0], pet: ids[1] } } });
  });

  test('offers teachers of volumes for the modality they see, and those of which nobody has said it', () => {
    const all = [
      teacher(ids[0]),
      teacher(ids[1], { modality: null }),
      teacher('plane' as TeacherId, { family: 'medsam' }),
      teacher('pet' as TeacherId, { family: 'segany-pet', modality: 'PET' }),
    ];
    expect(teachersFor(all, 'CT').map(({ id }) => id)).toEqual([ids[0], ids[1]]);
    expect(teachersFor(all, 'PET').map(({ id }) => id)).toEqual([ids[1], 'pet']);
  });
});

test('ranges of a method are the contract’s, behind its defaults', () => {
  expect(rangeOfSchema(muduoSettings.shape.clicks)).toEqual({ min: 1, max: 32, step: 1 });
  expect(rangeOfSchema(meanTeacherSettings.shape.decay)).toEqual({ min: 0, max: 0.9999, step: null });
});

test('settings of a method that are left out are its defaults', () => {
  const [teachers] = [{ ct: ids[0], pet: null }];
  expect(trainSettings.parse({ ...common, method: 'muduo', muduo: { teachers } })).toEqual({ ...common, method: 'muduo', muduo: { ...muduoDefaults, teachers } }); // biome-ignore format: one law
  expect(trainSettings.parse({ ...common, method: 'meanTeacher' })).toEqual(defaults.meanTeacher);
});

test('a method is told in words, with the names of its teachers', () => {
  expect([choicesInWords(intended), choicesInWords(released), choicesInWords({ ...intended, clicking: 'inTurn' })]).toEqual([
    'as intended',
    'as released',
    'as intended, but clicking inTurn',
  ]);
  const settings = settingsOf(withTeacher(freshDraft('muduo'), defaults, 'ct', teacher(ids[0])), defaults);
  const facts = new Map(methodFacts(settings, (id) => `the one called ${id}`));
  expect([facts.get('CT teacher'), facts.get('PET teacher'), facts.get('Weight of agreement')]).toEqual([
    `the one called ${ids[0]}`,
    'nobody',
    '0.1',
  ]);
  expect(methodFacts(defaults.supervised, () => '')).toEqual([]);
});
