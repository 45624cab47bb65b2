/**
 * Finds a run that a study would only repeat: one that finished and was made of the same. So a study that is asked for with one more
 * configuration trains that one alone.
 */
import { isDeepStrictEqual } from 'node:util';
import { AppError } from '../../../shared/errors';
import type { Run, RunRecord, TrainSettings } from '../../../shared/runs';
import { casesByName, listCases } from '../../store/cases';
import { newestLabels } from '../../store/labels';
import { listModels } from '../../store/models';
import { listRuns, recordOf, trainedOf } from '../../store/runs';
import type { Store } from '../../store/store';
import { listStructures } from '../../store/structures';
import type { Desk } from '../desk';
import { recordFrom } from '../runRecord';
import { teachersOfRun } from '../runTeachers';
import { casesOfRun } from '../trainingCases';

/**
 * The newest run by these settings whose record is what it would be today: version of the program, voxels and labels of every case, teachers' weights
 * and intensities. Null where there is none, its models are gone, or such a run could not begin today: whoever starts it hears why.
 */
export function alreadyTrained(desk: Pick<Desk, 'store' | 'facts'>, settings: TrainSettings): Run | null {
  const store = desk.store();
  const { read } = store;
  const alike = listRuns(read).filter((run) => run.state === 'done' && isDeepStrictEqual(inWeights(run.settings), inWeights(settings)));
  if (alike.length === 0) return null;
  const record = recordToday(store, settings, desk.facts.version);
  if (!record) return null;
  const structures = listStructures(read).map(({ index }) => index);
  const models = new Set(listModels(read).map(({ run }) => run));
  const isSame = ({ id }: Run) =>
    models.has(id) &&
    isDeepStrictEqual(recordOf(read, id), record) &&
    isDeepStrictEqual(trainedOf(read, id)?.student.structures, structures);
  return alike.find(isSame) ?? null;
}

/** What of the settings a weight could depend on. How many labels there were shows in the record. */
const inWeights = ({ name: _name, labelledCases: _count, checkpointEvery: _often, ...rest }: TrainSettings) => rest;

function recordToday(store: Store, settings: TrainSettings, program: string): RunRecord | null {
  try {
    return madeToday(store, settings, program);
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}

function madeToday(store: Store, settings: TrainSettings, program: string): RunRecord {
  const { read } = store;
  const chosen = casesOfRun(listCases(read), settings);
  const inRole = (role: (typeof chosen)[number]['role']) =>
    casesByName(
      read,
      chosen.filter((one) => one.role === role).map(({ id }) => id),
    );
  const [training, validation, unlabelled] = [inRole('training'), inRole('validation'), inRole('unlabelled')];
  const seen = new Set(chosen.map(({ label }) => label));
  const labels = new Map([...newestLabels(read)].filter(([, { id }]) => seen.has(id)));
  return recordFrom({ program, training, validation, unlabelled, labels, teachers: teachersOfRun(store, settings, training[0]) });
}
