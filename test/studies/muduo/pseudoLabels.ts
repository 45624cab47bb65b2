/**
 * How good MuDuo's pseudo-labels are: crops of the demo's unlabelled cases, whose truth the phantoms know, as the student, the two teachers and
 * their agreement see them. Nothing is trained.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { networkOf, patchDims } from '../../../src/main/compute/student';
import { loadTeacher } from '../../../src/main/compute/teachers/network';
import { patchesAround } from '../../../src/main/compute/training/looking';
import { sessionsAt } from '../../../src/main/compute/training/sessions';
import { sizeOf } from '../../../src/main/engine/tensor';
import { diceOf } from '../../../src/main/imaging/dice';
import { torsoStructures } from '../../../src/main/imaging/phantom/structures';
import { torsoPhantom } from '../../../src/main/imaging/phantom/torso';
import { variations } from '../../../src/main/imaging/phantom/variation';
import { statisticsOf } from '../../../src/main/imaging/statistics';
import { putToWork, type SamTeacher } from '../../../src/main/methods/muduo/atWork';
import { betterHalf, softIou } from '../../../src/main/methods/muduo/consensus';
import { opinionsBy } from '../../../src/main/methods/muduo/course';
import { largestClass } from '../../../src/main/methods/muduo/pseudoLabels';
import { rulesOf } from '../../../src/main/methods/muduo/rules';
import { pickCentre } from '../../../src/main/methods/training/batches';
import { readRun } from '../../../src/main/methods/training/checkpoint';
import { prepareUnlabelled } from '../../../src/main/methods/training/unlabelled';
import { cutPatch } from '../../../src/main/methods/training/warp';
import { muduoDefaults } from '../../../src/shared/methods';
import { random } from '../../../src/shared/random';
import { sightOfFile } from '../demoTeachers/sight';

interface Row {
  case: number;
  crop: number;
  structure: string;
  student: number;
  ct: number;
  pet: number;
  agreed: number;
  agreement: number;
  kept: boolean;
}

/** The demo's unlabelled cases: after the first five of 40, up to the last 15. */
const unlabelled = Array.from({ length: 20 }, (_, n) => 6 + n);
const asTheyAre = [1, 0, 0, 0, 1, 0, 0, 0, 1];
/** Structures that show less than this in a crop are not judged. */
const fewestVoxels = 60;
/** Crops that a step ranks against each other. */
const together = 2;

export default async function measure(root: string, args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: 'string', default: '1' },
      variation: { type: 'string', default: 'default' },
      cases: { type: 'string', default: String(unlabelled.length) },
      crops: { type: 'string', default: '2' },
      /** Folder of a MuDuo run, with the student's and the generator's last checkpoint. */
      run: { type: 'string' },
      student: { type: 'string' },
      generator: { type: 'string' },
      weights: { type: 'string', default: join(root, 'resources/teachers') },
      choices: { type: 'string', default: '{}' },
      out: { type: 'string' },
      threads: { type: 'string', default: String(availableParallelism()) },
    },
  });
  const student = await readRun(values.student ?? join(values.run as string, 'last.safetensors'));
  const generator = await readRun(values.generator ?? join(values.run as string, 'generator.safetensors'));
  const { spec } = student;
  const patch = patchDims(spec);
  const voxels = sizeOf(patch);
  const rules = rulesOf({ ...muduoDefaults, choices: { ...muduoDefaults.choices, ...JSON.parse(values.choices) } });
  const fileOf = (name: string) => join(values.weights, `demo-${name}.safetensors`);
  const teacher = async (name: string) => (await loadTeacher(fileOf(name), name)) as unknown as SamTeacher;
  const { load, release } = sessionsAt({ device: 'cpu', threads: Number(values.threads) });
  const network = networkOf(spec);
  const asked = await putToWork(
    {
      student: network,
      ct: await teacher('ct'),
      pet: { ...(await teacher('pet')), generator: { network: networkOf(generator.spec), weights: generator.parameters as never } },
      patch,
      crops: together,
      form: 'cpu',
    },
    rules,
    () => student.parameters as never,
    load,
  );
  const { ct: ctSide } = asked;
  if (!ctSide) throw new Error('Whoever shows the CT teacher what to look for was not put to work.');
  const folder = await mkdtemp(join(tmpdir(), 'understudy-pseudo-labels-'));
  const rows: Row[] = [];
  const views = [
    { channel: 0, huWindow: (await sightOfFile(fileOf('ct'), 'CT')).huWindow },
    { channel: 1, huWindow: null },
  ];
  for (const number of unlabelled.slice(0, Number(values.cases))) {
    const torso = torsoPhantom(Number(values.seed), number, variations[values.variation as keyof typeof variations]);
    const stored = async (name: 'ct' | 'pet') => {
      const path = join(folder, name);
      const data = torso[name].voxels;
      await writeFile(path, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      return {
        path,
        dtype: name === 'ct' ? ('int16' as const) : ('float32' as const),
        grid: torso.ct.grid,
        statistics: statisticsOf(data),
      };
    };
    const channels = [
      { ...(await stored('ct')), modality: 'CT' as const, unit: 'HU' as const },
      { ...(await stored('pet')), modality: 'PET' as const, unit: 'SUV' as const },
    ];
    const study = await prepareUnlabelled({ name: String(number), channels, label: null }, spec, views);
    const stream = random(Number(values.seed)).fork(`crops ${number}`);
    for (let at = 0; at < Number(values.crops); at += together) {
      const centres = Array.from({ length: together }, () => pickCentre(stream, study, spec.patch, 1));
      const truths = centres.map((centre) => {
        const truth = new Uint8Array(voxels);
        const images = study.channels.map(() => new Float32Array(voxels));
        const asItIs = { centre, linear: asTheyAre, elastic: null, flip: false };
        cutPatch({ ...study, classes: torso.label.voxels }, asItIs, spec.patch, images, truth, []);
        return truth;
      });
      const patches = patchesAround(centres, study, spec, views);
      const about = centres.map(() => [...torsoStructures.keys()]);
      const own = (await ctSide.student.run({ image: patches.student })).probabilities;
      const crops: Row[][] = [];
      let n = 0;
      for await (const opinion of opinionsBy({ asked, petChannel: 1 }, rules)(patches, about)) {
        const labels = largestClass(own, n);
        const ofCrop: Row[] = [];
        for (const [c, structure] of torsoStructures.entries()) {
          const truth = Uint8Array.from(truths[n], (value) => Number(value === c + 1));
          const part = (answers: Float32Array | null) => answers?.subarray(c * voxels, (c + 1) * voxels) ?? new Float32Array(voxels);
          const [a, b] = [part(opinion.ct), part(opinion.pet)];
          const dice = (mask: Uint8Array) => diceOf(mask, 1, truth, 1) ?? Number.NaN;
          ofCrop.push({
            case: number,
            crop: at + n,
            structure,
            student: dice(Uint8Array.from(labels, (value) => Number(value === c + 1))),
            ct: dice(Uint8Array.from(a, (p) => Number(p > 0.5))),
            pet: dice(Uint8Array.from(b, (p) => Number(p > 0.5))),
            agreed: dice(Uint8Array.from(a, (p, v) => Number(p + b[v] > 1))),
            agreement: opinion.isThere[c] ? softIou(a, b) : -1,
            kept: false,
          });
          if (truth.reduce((sum, value) => sum + value, 0) < fewestVoxels) ofCrop[c].structure = '';
        }
        crops.push(ofCrop);
        n++;
      }
      for (const c of torsoStructures.keys()) {
        for (const kept of betterHalf(
          crops.map((rowsOf) => rowsOf[c].agreement),
          'skipped',
        ))
          crops[kept][c].kept = true;
      }
      rows.push(...crops.flat().filter(({ structure }) => structure !== ''));
    }
  }
  await release();
  await rm(folder, { recursive: true });
  print(rows);
  if (values.out) {
    const lines = rows.map((row) =>
      Object.values(row)
        .map((value) => (typeof value === 'number' ? Number(value.toFixed(4)) : value))
        .join(','),
    );
    await writeFile(values.out, `${[Object.keys(rows[0]).join(','), ...lines].join('\n')}\n`);
  }
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
function print(rows: readonly Row[]): void {
  const line = (title: string, some: readonly Row[]) =>
    console.log(
      `${title.padEnd(26)} ${(['student', 'ct', 'pet', 'agreed'] as const).map((key) => mean(some.map((row) => row[key])).toFixed(3)).join('  ')}  ${String(some.length).padStart(5)}`,
    );
  console.log(`${''.padEnd(26)} student  CT     PET    agreed masks`);
  for (const structure of torsoStructures)
    line(
      structure,
      rows.filter((row) => row.structure === structure),
    );
  line('all', rows);
  line(
    'found by the generator',
    rows.filter(({ agreement }) => agreement >= 0),
  );
  line(
    'kept',
    rows.filter(({ kept }) => kept),
  );
  line(
    'found and not kept',
    rows.filter(({ kept, agreement }) => !kept && agreement >= 0),
  );
}
