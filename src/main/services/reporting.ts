/** The report on an evaluated model: gathers what the page shows, has the pictures drawn, and writes one self-contained file. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Handlers } from '../../shared/contract';
import type { Case, CaseScores, EvaluationSummary, Model } from '../../shared/domain';
import { fail } from '../../shared/errors';
import type { Spec } from '../compute/protocol';
import { writeDurably } from '../files/durable';
import { getCases } from '../store/cases';
import { newestEvaluations } from '../store/evaluations';
import { appendEvent } from '../store/events';
import { curvesOf } from '../store/metrics';
import { getModel } from '../store/models';
import { listPredictions } from '../store/predictions';
import { getProject } from '../store/project';
import { getRun, recordOf } from '../store/runs';
import type { Store } from '../store/store';
import { listStructures } from '../store/structures';
import type { Desk } from './desk';
import { type JobControl, JobStopped } from './jobs';
import { type Picture, reportPage } from './reportPage';
import { storedCase, storedMask } from './stored';
import { summarise } from './summaries';

export const reportHandlers = (desk: Desk): Pick<Handlers, 'report.start'> => ({
  'report.start': ({ model: id, out }) => {
    const store = desk.store();
    const model = getModel(store.read, id);
    const summary = summaryOf(store, model);
    return desk.jobs.start({ kind: 'export', title: `Report on ${model.name}` }, async (control) => {
      const structures = listStructures(store.read);
      const page = reportPage({
        project: getProject(store.read, store.folder),
        run: getRun(store.read, model.run),
        record: recordOf(store.read, model.run),
        curves: curvesOf(store.read, model.run),
        model,
        summary,
        structures,
        pictures: await drawPictures(desk, store, model, summary, control),
        version: desk.facts.version,
      });
      await writeDurably(out, Buffer.from(page));
      store.write((db) => appendEvent(db, 'export', `A report on ${model.name} was written to ${out}.`));
      control.progress(1, `The report is ${out}`);
      return { kind: 'export', files: [out] };
    });
  },
});

function summaryOf(store: Store, model: Model): EvaluationSummary {
  const evaluation = newestEvaluations(store.read).find((one) => one.model === model.id);
  return evaluation ? summarise(evaluation, listStructures(store.read)) : fail('NOTHING_TO_EVALUATE', model.name);
}

/** Worst, middle and best case, each once. Scores come worst first. */
function telling(cases: readonly CaseScores[]): { scores: CaseScores; why: string }[] {
  const picks = [
    { at: 0, why: 'worst case' },
    { at: Math.floor((cases.length - 1) / 2), why: 'middle case' },
    { at: cases.length - 1, why: 'best case' },
  ];
  return picks.filter(({ at }, i) => picks.findIndex((other) => other.at === at) === i).map(({ at, why }) => ({ scores: cases[at], why }));
}

async function drawPictures(desk: Desk, store: Store, model: Model, summary: EvaluationSummary, control: JobControl): Promise<Picture[]> {
  const chosen = telling(summary.cases);
  const cases = new Map(
    getCases(
      store.read,
      chosen.map(({ scores }) => scores.case),
    ).map((one) => [one.id, one]),
  );
  const predictions = new Map(listPredictions(store.read, { model: model.id }).map((one) => [one.id, one]));
  const folder = await mkdtemp(join(tmpdir(), 'understudy-report-'));
  try {
    const items = chosen.flatMap(({ scores }): Spec<'pictures'>['items'] => {
      const one = cases.get(scores.case);
      const prediction = predictions.get(scores.prediction);
      if (!one?.label || !prediction) return []; // evaluated before its label or prediction was replaced
      const [image] = storedCase(store, one).channels;
      return [
        {
          image,
          window: windowOf(one),
          masks: [
            { volume: storedMask(store, one.label.file, one.grid), style: 'reference' },
            { volume: storedMask(store, prediction.file, one.grid), style: 'student' },
          ],
          out: join(folder, `${scores.case}.png`),
        },
      ];
    });
    const colours = Object.fromEntries(listStructures(store.read).map(({ index, colour }) => [index, colour]));
    const outcome = await desk.compute.run(
      'pictures',
      { items, colours },
      { signal: control.signal, onProgress: ({ fraction }) => control.progress(0.9 * fraction, 'Drawing pictures') },
    );
    if (outcome.state === 'stopped') throw new JobStopped();
    return await Promise.all(
      outcome.result.files.map(async (file) => {
        const { scores, why } = chosen.find((pick) => basename(file).startsWith(pick.scores.case))!;
        return { png: (await readFile(file)).toString('base64'), title: scores.name, why, meanDice: scores.meanDice };
      }),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** CT as a radiologist looks at soft tissue; anything else from its 5th to its 99.5th percentile. */
function windowOf({ channels: [{ modality, statistics }] }: Case): { low: number; high: number } {
  return modality === 'CT' ? { low: -160, high: 240 } : { low: statistics.p05, high: statistics.p995 };
}
