/** The report on an evaluated model: gathers what the page shows, has the pictures drawn, and writes one self-contained file. */
import type { Handlers } from '../../shared/contract';
import type { Model } from '../../shared/domain';
import { fail } from '../../shared/errors';
import type { EvaluationSummary } from '../../shared/evaluation';
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
import type { JobControl } from './jobs';
import { type Picture, reportPage } from './reportPage';
import { drawPictures, imageOf, type Place, type ReportPicture, telling } from './reportPictures';
import { storedMask } from './stored';
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
        pictures: await picturesOf(desk, store, model, summary, control),
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

/** Scores come worst first. */
const whyShown: Record<Place, string> = { first: 'worst case', middle: 'middle case', last: 'best case' };

async function picturesOf(desk: Desk, store: Store, model: Model, summary: EvaluationSummary, control: JobControl): Promise<Picture[]> {
  const chosen = telling(summary.cases);
  const ids = chosen.map(({ one }) => one.case);
  const cases = new Map(getCases(store.read, ids).map((one) => [one.id, one]));
  const predictions = new Map(listPredictions(store.read, { model: model.id }).map((one) => [one.id, one]));
  const shown = chosen.flatMap(({ one: scores, place }): { item: ReportPicture; told: Omit<Picture, 'png'> }[] => {
    const one = cases.get(scores.case);
    const prediction = predictions.get(scores.prediction);
    if (!one?.label || !prediction) return []; // evaluated before its label or prediction was replaced
    const masks: ReportPicture['masks'] = [
      { volume: storedMask(store, one.label.file, one.grid), style: 'reference' },
      { volume: storedMask(store, prediction.file, one.grid), style: 'student' },
    ];
    return [
      {
        item: { ...imageOf(store, one), masks, view: 'planes' },
        told: { title: scores.name, why: whyShown[place], meanDice: scores.meanDice },
      },
    ];
  });
  const colours = Object.fromEntries(listStructures(store.read).map(({ index, colour }) => [index, colour]));
  const drawn = await drawPictures(
    desk,
    shown.map(({ item }) => item),
    colours,
    control,
  );
  return shown.map(({ told }, n) => ({ ...told, png: drawn[n] }));
}
