/** Whether a file's tensors are the ones a network expects, whatever a training script wrapped around them. */

export interface Expected {
  readonly name: string;
  readonly dims: readonly number[];
  /** May be missing, such as a buffer that some releases do not save. */
  readonly isOptional?: boolean;
}
interface Named {
  readonly name: string;
  readonly dims: readonly number[];
}

export type KeyMatch =
  | {
      fits: true;
      /** What stands before every name in the file, such as `model_state_dict.module.`. */
      prefix: string;
      /** Names in the file by expected name; optional ones that are missing are left out. */
      names: ReadonlyMap<string, string>;
    }
  | { fits: false; why: string };

/** What training scripts save beside the weights; and a counter that normalisation never uses for its result. */
const leftover = /^(optim\w*|opt|lr_sched\w*|sched\w*|(grad_)?scaler|amp|slot|rng\w*|callbacks|loops)\.|(^|\.)num_batches_tracked$/i;

/** Where two wrappers hold the same names, the trained network goes before its average, and both before another's. */
const averaged = /(^|[._])(ema|teacher|average|swa)/i;

/**
 * Compares names and shapes. A prefix that all names share in the file is taken off; tensors outside it belong to something else and are ignored.
 * @param also  Names that may be there without being expected, without the prefix: copies under another name, buffers computed anew.
 * @returns     Where each tensor lies, or one sentence (without its full stop) on what is missing, unexpected or of another shape.
 */
export function matchKeys(
  entries: readonly Named[],
  expected: readonly Expected[],
  also: (name: string) => boolean = () => false,
): KeyMatch {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const needed = expected.filter(({ isOptional }) => !isOptional);
  const missingWith = (prefix: string) => needed.filter(({ name }) => !byName.has(prefix + name));
  const prefix = prefixesOf(entries, needed)
    .map((prefix) => ({ prefix, missing: missingWith(prefix).length, isAverage: averaged.test(prefix) }))
    .reduce((best, next) =>
      next.missing < best.missing || (next.missing === best.missing && best.isAverage && !next.isAverage) ? next : best,
    );
  return judge(byName, expected, missingWith(prefix.prefix), prefix.prefix, also);
}

/** How many different prefixes are tried, so that names made to be alike take no hours. */
const prefixLimit = 100;

/** No prefix, and whatever stands in front of one of the first expected names. */
function prefixesOf(entries: readonly Named[], needed: readonly Expected[]): string[] {
  const prefixes = new Set(['']);
  for (const { name: wanted } of needed.slice(0, 3)) {
    for (const { name } of entries) {
      if (name.endsWith(`.${wanted}`) && prefixes.size < prefixLimit) prefixes.add(name.slice(0, -wanted.length));
    }
  }
  return [...prefixes];
}

function judge(
  byName: ReadonlyMap<string, Named>,
  expected: readonly Expected[],
  missing: readonly Expected[],
  prefix: string,
  also: (name: string) => boolean,
): KeyMatch {
  const known = new Set(expected.map(({ name }) => name));
  const unexpected = [...byName.keys()]
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length))
    .filter((name) => !known.has(name) && !leftover.test(name) && !also(name));
  const names = new Map<string, string>();
  const reshaped: string[] = [];
  for (const { name, dims } of expected) {
    const entry = byName.get(prefix + name);
    if (!entry) continue;
    names.set(name, entry.name);
    if (!sameShape(entry.dims, dims)) reshaped.push(`${name} with ${shape(entry.dims)} instead of ${shape(dims)}`);
  }
  const whys = [
    missing.length > 0 && `${missing.length} of ${expected.length} tensors are missing, first ${missing[0].name}`,
    unexpected.length > 0 && `${unexpected.length} ${unexpected.length === 1 ? 'is' : 'are'} unexpected, first ${unexpected[0]}`,
    reshaped.length > 0 && `${reshaped.length} ${reshaped.length === 1 ? 'has' : 'have'} another shape, first ${reshaped[0]}`,
  ].filter((why) => why !== false);
  return whys.length === 0 ? { fits: true, prefix, names } : { fits: false, why: whys.join('; ') };
}

const sameShape = (a: readonly number[], b: readonly number[]) => a.length === b.length && a.every((side, axis) => side === b[axis]);
const shape = (dims: readonly number[]) => (dims.length === 0 ? 'one number' : dims.join(' × '));
