/** Export: images, masks and models as files for other programs. Nothing that is there already is overwritten. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Handlers, Parsed } from '../../shared/contract';
import { counted } from '../../shared/counts';
import type { Case, Model } from '../../shared/domain';
import { fail } from '../../shared/errors';
import type { Grid } from '../../shared/geometry';
import type { Outcome } from '../compute/host';
import type { Spec } from '../compute/protocol';
import { addressOf, makeFolder } from '../files/durable';
import { getCases, listCases } from '../store/cases';
import { appendEvent } from '../store/events';
import { getModel } from '../store/models';
import { listPredictions } from '../store/predictions';
import type { Store } from '../store/store';
import { listStructures } from '../store/structures';
import type { Desk } from './desk';
import { type JobControl, JobStopped } from './jobs';
import { storedCase, storedMask } from './stored';

type Request = Parsed<'export.start'>;
type Item = Spec<'exportVolumes'>['items'][number];

export const exportHandlers = (desk: Desk): Pick<Handlers, 'export.start'> => ({
  'export.start': (request) => {
    const store = desk.store();
    const title = { images: 'Export of images', masks: 'Export of masks', model: 'Export of a model' }[request.what];
    const work = request.what === 'model' ? planModel(desk, store, request) : planVolumes(desk, store, request);
    return desk.jobs.start({ kind: 'export', title }, async (control) => {
      await makeFolder(request.out);
      const outcome = await work(control);
      if (outcome.state === 'stopped') throw new JobStopped();
      const { files } = outcome.result;
      store.write((db) => appendEvent(db, 'export', `Exported to ${request.out}: ${counted(files.length, 'file')}.`));
      control.progress(1, `${counted(files.length, 'file')} in ${request.out}`);
      return { kind: 'export', files };
    });
  },
});

type Work = (control: JobControl) => Promise<Outcome<'exportVolumes'> | Outcome<'exportModel'>>;

function planVolumes(desk: Desk, store: Store, request: Exclude<Request, { what: 'model' }>): Work {
  const cases = request.cases ? getCases(store.read, request.cases) : listCases(store.read);
  const items = request.what === 'images' ? imageItems(store, cases, request) : maskItems(store, cases, request);
  refuseExisting(items.map((item) => item.out));
  return ({ signal, progress }) =>
    desk.compute.run('exportVolumes', { items }, { signal, onProgress: ({ fraction }) => progress(fraction) });
}

type Placed = { out: string; canonical: boolean };
/** Masks and images go back to the grid of the case's first source file, so that they lie over it in any program. */
const placeOf = ({ canonical }: Placed, source: Grid): Grid | null => (canonical ? null : source);

function imageItems(store: Store, cases: readonly Case[], request: Placed): Item[] {
  const items = cases.flatMap((one) =>
    storedCase(store, one).channels.map(({ path, dtype, grid }, position) => ({
      volume: { path, dtype, grid },
      sourceGrid: placeOf(request, one.channels[position].source.grid),
      out: join(resolve(request.out), `${one.name}_${String(position).padStart(4, '0')}.nii.gz`),
    })),
  );
  return items.length > 0 ? items : fail('NOTHING_TO_EXPORT', 'the project holds no case');
}

function maskItems(store: Store, cases: readonly Case[], request: Extract<Request, { what: 'masks' }>): Item[] {
  const model = request.model === null ? null : getModel(store.read, request.model);
  const predicted = new Map(model ? listPredictions(store.read, { model: model.id }).map((one) => [one.case, one.file]) : []);
  const items = cases.flatMap((one) => {
    const file = model ? predicted.get(one.id) : one.label?.file;
    const out = join(resolve(request.out), `${one.name}.nii.gz`);
    return file ? [{ volume: storedMask(store, file, one.grid), sourceGrid: placeOf(request, one.channels[0].source.grid), out }] : [];
  });
  return items.length > 0
    ? items
    : fail('NOTHING_TO_EXPORT', model ? `${model.name} has predicted none of these cases` : 'none of these cases is labelled');
}

function planModel(desk: Desk, store: Store, request: Extract<Request, { what: 'model' }>): Work {
  const model = getModel(store.read, request.model);
  const out = join(resolve(request.out), `${fileNameOf(model)}.onnx`);
  refuseExisting([out]);
  const names = new Map(listStructures(store.read).map(({ index, name }) => [index, name]));
  const spec = {
    weights: addressOf(store.files, model.file),
    spec: model.spec,
    names: model.spec.structures.map((index) => names.get(index) ?? `label ${index}`),
    out,
  };
  return ({ signal }) => desk.compute.run('exportModel', spec, { signal });
}

/** The model's name without what some file systems refuse in names. */
const fileNameOf = (model: Model) => model.name.replaceAll(/[\\/:*?"<>|]/g, '-').replace(/[. ]+$/, '');

function refuseExisting(paths: readonly string[]): void {
  const there = paths.find((path) => existsSync(path));
  if (there) fail('FILE_EXISTS', there);
}
