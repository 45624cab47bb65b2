/** AutoPET-Organ on the command line: one command makes the project, says what its configurations cost here, and trains one. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { encodeSafetensors } from '../../src/main/checkpoints/safetensors';
import { initialParameters } from '../../src/main/networks/network';
import { type SamSpec, samParameters } from '../../src/main/networks/sam/spec';
import { fitting, judged, type Offer, offersTable, refusalOf } from '../../src/main/shell/commands/autopetOrganOffer';
import { autopetOrganConfigurations, autopetOrganStructures } from '../../src/shared/autopetOrgan';
import type { Case } from '../../src/shared/domain';
import { appError } from '../../src/shared/errors';
import { intended, released } from '../../src/shared/methods';
import { random } from '../../src/shared/random';
import type { Forecast, TrainSettings } from '../../src/shared/runs';
import { built } from '../built';
import { temporaryFolder } from '../folders';
import { bare, trainingOrder, twinGrid, unlisted, validating, writeTwin } from '../services/autopetOrganTwin';
import { ctVoxels, openBench, smallGrid, write } from '../services/workbench';
import { runProgram } from './runProgram';

/** Every command starts the program anew, imports, and times steps of four configurations. */
vi.setConfig({ testTimeout: 600_000 });
beforeAll(built);

/** Understudy of one person: a home of its own, and a project in it. */
function person() {
  const home = temporaryFolder();
  const project = join(home, 'Organs');
  const say = (...args: string[]) => runProgram([...args, '--project', project], { env: { UNDERSTUDY_HOME: home } });
  const setUp = (folder: string, ...args: string[]) => say('autopet-organ', 'set-up', folder, ...args);
  const cases = async (): Promise<Case[]> => JSON.parse((await say('cases', '--json')).out).cases;
  return { home, project, say, setUp, cases };
}
/** A student of seconds in place of the configuration's. */
const tiny = ['--patch', '16', '--width', '2', '--steps', '3', '--validate-every', '3', '--spacing-mm', '5', '--device', 'cpu'];
const labelled = (cases: readonly Case[]) => cases.filter((one) => one.split === 'train' && one.label).map(({ name }) => name);

test('makes the project, forecasts every configuration on labels alone, and says how to come by the teachers', async () => {
  const { folder } = await writeTwin({ voxels: true });
  const { setUp, cases, say } = person();
  const { code, out, err } = await setUp(folder, '--labels', '5');
  expect([code, err]).toEqual([0, expect.stringContaining('Importing AutoPET-Organ')]);
  expect(out).toContain('13 cases: 5 train with their label and 6 without, 1 validate, 1 test.');
  expect(out).toContain('On labels alone, for MuDuo lacks a teacher for CT and one for PET.');
  expect(out).toContain('sam_med3d_turbo.pth');
  expect(out).toMatch(/^published +128×128×128 +1\.5 mm +2 +16 +30000 +[\d.]+ GB +.*(fits|too large|too long) +as published$/m);
  expect(out).toMatch(/^scaled-small +64×64×64 +3 mm +1 +8 +1500 +[\d.]+ GB/m);

  const there = await cases();
  expect(labelled(there).sort()).toEqual(trainingOrder.slice(0, 5).sort());
  const splitOf = (name: string) => there.find((one) => one.name === name)?.split;
  expect([validating, unlisted, bare].map(splitOf)).toEqual(['validation', 'test', undefined]);
  expect(there[0].channels.map(({ modality, unit }) => [modality, unit])).toEqual([
    ['CT', 'HU'],
    ['PET', 'SUV'],
  ]);
  const { structures } = JSON.parse((await say('structures', '--json')).out);
  expect(structures.map(({ index, name }: { index: number; name: string }) => ({ index, name }))).toEqual(autopetOrganStructures);
  expect(structures[1].mirror).toBe(3);
});

test('more labels are added to the same project, and fewer are refused there', async () => {
  const { folder } = await writeTwin({ voxels: true });
  const { setUp, cases } = person();
  const train = ['--train', '--configuration', 'scaled-small', ...tiny];
  const first = await setUp(folder, '--labels', '5', ...train);
  expect([first.code, first.out]).toEqual([0, expect.stringContaining('Run 1 is done: 3 steps')]);
  const second = await setUp(folder, '--labels', '10', ...train);
  expect([second.code, second.out]).toEqual([0, expect.stringContaining('10 train with their label and 1 without')]);
  expect(labelled(await cases()).sort()).toEqual(trainingOrder.slice(0, 10).sort());
  const fewer = await setUp(folder, '--labels', '5');
  expect([fewer.code, fewer.err]).toEqual([2, expect.stringContaining('must not have one among 5 labels; name a new project')]);
  const tooMany = await setUp(folder, '--labels', '20');
  expect([tooMany.code, tooMany.err]).toEqual([1, expect.stringContaining('its list should be 20 cases or more, but is of 11')]);
  expect((await setUp(folder, '--labels', '7')).code).toBe(2);
});

test('with both teachers it is MuDuo, at what they see; the published patch is refused for teachers that see another', async () => {
  const { folder } = await writeTwin({ voxels: true });
  const { setUp, say, home } = person();
  const [ct, pet] = [teacherFile(home, 'sam-med3d', 'CT'), teacherFile(home, 'segany-pet', 'PET')];
  await say('teachers', 'import', ct, pet);
  for (const name of ['little sam-med3d', 'little segany-pet']) await say('teachers', 'accept', name);
  const told = JSON.parse((await setUp(folder, '--labels', '5', '--choices', 'released', '--json')).out);
  const by = (name: string) => told.configurations.find((one: { name: string }) => one.name === name);
  expect(by('published')).toMatchObject({
    forecast: null,
    refusal: { code: 'RUN_TEACHER_LATTICE' },
    settings: {
      ...{ method: 'muduo', patch: [128, 128, 128], spacingMm: [1.5, 1.5, 1.5], batch: 2, width: 16, steps: 30_000 },
      ...{ rate: 0.01, momentum: 0.9, weightDecay: 1e-4, warmupSteps: 0, labelledCases: null },
      muduo: { unlabelled: 2, consistency: 0.1, ramp: 1, clicks: 3, filter: 'betterHalf', generatorSteps: 30_000, choices: released },
    },
  });
  expect(by('scaled-small')).toMatchObject({ refusal: null, settings: { method: 'muduo', patch: [32, 32, 32], spacingMm: [5, 5, 5] } });
  expect(by('scaled-small').forecast.totalSeconds).toBeGreaterThan(0);
  const refused = await setUp(folder, '--labels', '5', '--train');
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('Set the patch to 32×32×32 and the voxel size to 5 mm')]);

  const quick = ['--width', '2', '--steps', '3', '--generator-steps', '2', '--validate-every', '3', '--device', 'cpu'];
  const trained = await setUp(folder, '--labels', '5', '--train', '--configuration', 'scaled-small', ...quick);
  expect([trained.code, trained.out]).toEqual([0, expect.stringContaining('By MuDuo: little sam-med3d is asked about CT')]);
  expect(trained.out).toContain('Run 1 is done: 3 steps');
  const [run] = JSON.parse((await say('runs', '--json')).out).runs;
  expect([run.settings.muduo.choices, run.cases.training.length, run.cases.unlabelled.length]).toEqual([intended, 5, 6]);
});

test('a label with a value above 12 is refused by its name, and comes in once it is corrected', async () => {
  const { folder, at } = await writeTwin({ voxels: true });
  const file = at('labels_ok', `${trainingOrder[0]}.nii.gz`);
  const good = readFileSync(file);
  await write(file, new Uint8Array(24 ** 3).fill(13, 0, 50), twinGrid);
  const { setUp, cases } = person();
  const { code, out } = await setUp(folder, '--labels', '5');
  expect([code, out]).toEqual([1, expect.stringContaining(`${file} contains the label values 13`)]);
  expect(labelled(await cases())).toHaveLength(4);
  writeFileSync(file, good);
  expect((await setUp(folder, '--labels', '5', '--train', '--configuration', 'scaled-small', ...tiny)).code).toBe(0);
  expect(labelled(await cases())).toHaveLength(5);
});

test('a project with cases from elsewhere is left alone', async () => {
  const { folder } = await writeTwin({ voxels: true });
  const { setUp, project, home } = person();
  const stranger = join(home, 'stranger.nii.gz');
  await write(stranger, ctVoxels(smallGrid));
  const bench = await openBench(home, null);
  await bench.ask('project.create', { folder: project, name: 'Organs' });
  expect((await bench.imports(stranger)).refused).toEqual([]);
  await bench.close();
  const { code, err } = await setUp(folder, '--labels', '5');
  expect([code, err]).toEqual([2, expect.stringContaining('the project holds stranger')]);
});

test('what no machine could hold, or would take longer than allowed, is not started', async () => {
  const { folder } = await writeTwin({ voxels: true });
  const { setUp, say } = person();
  const huge = ['--train', '--patch', '256', '--batch', '32', '--device', 'cpu'];
  const { code, err } = await setUp(folder, '--labels', '5', ...huge);
  expect([code, err]).toEqual([
    1,
    expect.stringMatching(/The configuration published needs \d+\.\d GB of memory, and \d+\.\d GB is free here\./),
  ]);
  const hurried = await setUp(folder, '--labels', '5', '--train', '--days', '0', '--configuration', 'scaled-small', ...tiny);
  expect([hurried.code, hurried.err]).toEqual([1, expect.stringContaining('no more than 0 days are allowed (--days)')]);
  expect(JSON.parse((await say('runs', '--json')).out).runs).toEqual([]);
});

describe('an offer', () => {
  const forecast = (memoryBytes: number, fits: boolean): Forecast => ({
    ...{ stepSeconds: 20, totalSeconds: 600_000, memoryBytes, freeBytes: 8e9, parameters: 1, fits },
    sentence: fits ? 'Fits.' : 'Needs more than is free.',
  });
  const days = 10;
  const [published, batch, medium, small] = autopetOrganConfigurations.map(
    (configuration): Offer => ({
      configuration,
      settings: { ...configuration.common, name: '', device: 'auto', method: 'supervised' } as TrainSettings,
      forecast: forecast(3e9, true),
      refusal: null,
      here: 'fits',
    }),
  );
  const tooLarge: Offer = { ...published, forecast: forecast(40e9, false), here: 'too large' };

  test('fits where it is neither too large nor too long', () => {
    expect([7, 6].map((most) => judged(forecast(3e9, true), most))).toEqual(['fits', 'too long']);
    expect(judged(forecast(9e9, false), 7)).toBe('too large');
  });

  test('that does not fit names the scaled ones that do, with what each costs', () => {
    const offers: Offer[] = [tooLarge, { ...batch, forecast: forecast(9e9, false), here: 'too large' }, medium, small];
    expect(fitting(offers)).toEqual([medium, small]);
    expect(refusalOf(tooLarge, offers, { days })).toMatchObject({
      code: 'PLAN_TOO_LARGE',
      message:
        'The configuration published needs 40.0 GB of memory, and 8.0 GB is free here. Choose with --configuration: scaled-medium (3.0 GB, about 7 days), scaled-small (3.0 GB, about 7 days).',
    });
    expect(refusalOf(tooLarge, [tooLarge], { days }).message).toContain('None of the scaled ones fits either.');
    expect(refusalOf({ ...published, here: 'too long' }, [], { days: 6 }).message).toContain(
      'would take about 7 days here, and no more than 6',
    );
  });

  test('that is refused for its settings says why', () => {
    const refusal = appError('RUN_NEEDS_UNLABELLED');
    const offer: Offer = { ...published, forecast: null, refusal, here: 'refused' };
    expect(refusalOf(offer, [], { days })).toBe(refusal);
    expect(offersTable([offer]).split('\n').at(-1)).toBe(`published: ${refusal.message}`);
  });
});

/** A SAM for volumes with random weights that sees cubes of 32 at 5 mm, and says so itself. */
function teacherFile(folder: string, family: string, modality: string): string {
  const spec: SamSpec = {
    ...{ axes: 3, channels: 1, imageSide: 32, patch: 16, width: 12, depth: 1, heads: 2, mlpWidth: 12, window: 2, globalBlocks: [0] },
    ...{ promptWidth: 48, maskWidth: 4, decoder: { depth: 1, heads: 8, mlpWidth: 12 }, qualityWidth: 8, masks: 4 },
  };
  const path = join(folder, `${family}.safetensors`);
  const facts = { family, name: `little ${family}`, modality, spacingMm: '5', licence: 'made for tests' };
  const texts = Object.fromEntries(Object.entries(facts).map(([name, text]) => [`understudy.${name}`, text]));
  const weights = initialParameters({ parameters: samParameters(spec) }, random(modality.length));
  writeFileSync(path, encodeSafetensors(weights, texts));
  return path;
}
