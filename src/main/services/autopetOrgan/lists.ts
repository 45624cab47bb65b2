/** Reads the list files of AutoPET-Organ: which cases train with their label, which without, which validate, and which test. */
import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { AutopetOrganBudget } from '../../../shared/autopetOrgan';
import { autopetOrganBudgets } from '../../../shared/autopetOrgan';
import { fail, sentenceOf } from '../../../shared/errors';

/** What a list is of. `labelled` and `unlabelled` are halves of a training list that somebody has cut in two. */
const roles = ['unlabelled', 'labelled', 'validation', 'test', 'training'] as const;
type Role = (typeof roles)[number];
const words: Record<Role, RegExp> = {
  unlabelled: /^unlabell?ed$/,
  labelled: /^labell?ed$/,
  validation: /^(val|valid|validation)$/,
  test: /^(test|testing)$/,
  training: /^(train|training)$/,
};

/** One line of a list: the case it names, and where it stands. */
export interface ListedCase {
  id: string;
  file: string;
  line: number;
}
export interface CaseLists {
  /** In the order of the list: the first so many keep their label. */
  labelled: ListedCase[];
  unlabelled: ListedCase[];
  validation: ListedCase[];
  test: ListedCase[];
  /** The files these are from. */
  files: string[];
}

/**
 * The lists for a budget of labels. A list is a `.txt`, `.list` or `.lst` file at most two folders below `folder`; a word of its name says what it is
 * of (`train`, `labeled`, `unlabeled`, `val`, `test`), and a number 5, 10 or 20 in its name or its folders' for which budget: `lists_5/train.txt`,
 * `train_5.txt`. One without a number serves all budgets that have none of their own.
 * @throws FILE_UNREADABLE, FILE_INVALID for no or two lists of training cases, one that is too short, or a case in two lists
 */
export async function readCaseLists(folder: string, budget: AutopetOrganBudget): Promise<CaseLists> {
  const files = chosen(folder, await listFiles(folder), budget);
  const read = async (role: Role) => (files.has(role) ? readList(folder, files.get(role)!) : []);
  const [training, labelled, unlabelled] = [await read('training'), await read('labelled'), await read('unlabelled')];
  const [leading] = [labelled, training].filter(({ length }) => length > 0);
  if (!leading)
    fail('FILE_UNREADABLE', folder, `it holds no list of training cases for ${budget} labels, such as lists_${budget}/train.txt`);
  if (leading.length < budget) fail('FILE_INVALID', leading[0].file, 'its list', `${budget} cases or more`, `of ${leading.length}`);
  const ordered = firstMentions([...labelled, ...training, ...unlabelled]);
  const lists = { validation: firstMentions(await read('validation')), test: firstMentions(await read('test')) };
  refuseShared([ordered, lists.validation, lists.test]);
  return {
    ...lists,
    labelled: ordered.slice(0, budget),
    unlabelled: ordered.slice(budget),
    files: [...files.values()].sort().map((file) => join(folder, file)),
  };
}

/** Paths of what may be lists, relative to the folder, images and labels left aside. */
async function listFiles(folder: string, below = ''): Promise<string[]> {
  const entries = await readdir(join(folder, below), { withFileTypes: true }).catch((error) =>
    fail('FILE_UNREADABLE', join(folder, below), sentenceOf(error)),
  );
  const found: string[] = [];
  for (const entry of entries) {
    const path = join(below, entry.name);
    const isDeep = below.split(sep).length > 1;
    if (entry.isDirectory() && !isDeep && !/^(images|labels|\.)/i.test(entry.name)) found.push(...(await listFiles(folder, path)));
    if (entry.isFile() && /\.(txt|list|lst)$/i.test(entry.name)) found.push(path);
  }
  return found;
}

/** One file per role: that of the budget before one of all budgets. */
function chosen(folder: string, paths: readonly string[], budget: AutopetOrganBudget): Map<Role, string> {
  const known = paths.map((path) => ({ path, role: roleOf(path), budgets: budgetsOf(path) }));
  const files = new Map<Role, string>();
  for (const role of roles) {
    const ofRole = known.filter((one) => one.role === role);
    const own = ofRole.filter(({ budgets }) => budgets.includes(budget));
    const [file, other] = own.length > 0 ? own : ofRole.filter(({ budgets }) => budgets.length === 0);
    if (other) {
      fail(
        'FILE_INVALID',
        join(folder, other.path),
        'its name',
        `that of the only ${role} list for ${budget} labels`,
        `beside ${file.path}`,
      );
    }
    if (file) files.set(role, file.path);
  }
  return files;
}

const roleOf = (path: string): Role | undefined => {
  const inName = (path.split(sep).at(-1) as string).toLowerCase().split(/[^a-z]+/);
  return roles.find((role) => inName.some((word) => words[role].test(word)));
};
const budgetsOf = (path: string): number[] =>
  (path.match(/\d+/g) ?? []).map(Number).filter((n) => (autopetOrganBudgets as readonly number[]).includes(n));

/** A case to a line; empty lines and those that begin with # are none. A path or a file name counts as the case it is of. */
async function readList(folder: string, name: string): Promise<ListedCase[]> {
  const file = join(folder, name);
  const text = await readFile(file, 'utf8').catch((error) => fail('FILE_UNREADABLE', file, sentenceOf(error)));
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line, at) => ({ id: caseIn(line), file, line: at + 1 }))
    .filter(({ id }) => id !== '' && !id.startsWith('#'));
}
const caseIn = (line: string): string => (line.trim().split(/[/\\]/).at(-1) as string).replace(/\.(nii|nii\.gz|h5|npz|npy)$/i, '');

const firstMentions = (cases: readonly ListedCase[]): ListedCase[] =>
  [...Map.groupBy(cases, ({ id }) => id).values()].map(([first]) => first);

/** A case that trains must neither choose nor be tested on, nor one that chooses be tested on. */
function refuseShared(lists: readonly ListedCase[][]): void {
  const seen = new Map<string, string>();
  for (const list of lists) {
    for (const { id, file, line } of list) {
      const other = seen.get(id);
      if (other) fail('FILE_INVALID', file, `line ${line}`, 'a case that no other list names', `${id}, which ${other} names too`);
    }
    for (const { id, file } of list) seen.set(id, file);
  }
}
