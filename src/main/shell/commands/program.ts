/** The commands and their options. What each does is in a file of its own. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { autopetOrganBudgets, autopetOrganConfigurationNames } from '../../../shared/autopetOrgan';
import { phantomVariations } from '../../../shared/domain';
import { disagreementOrders } from '../../../shared/ledger';
import { autopetOrganSetUp } from './autopetOrgan';
import { demoCreate } from './demo';
import { demoRun } from './demoRun';
import { evaluateCommand } from './evaluate';
import { exportFiles } from './exportFiles';
import { importCommand } from './importFiles';
import { ledgerCommand } from './ledger';
import { casePatientCommand, casesCommand, checkCommand, devicesCommand, runsCommand } from './lists';
import { lookCommand } from './look';
import { addRunOptions } from './methodOptions';
import { predictCommand } from './predict';
import { labelStateCommand, labelsCommand, promptCommand, structuresCommand } from './prompt';
import { openCommand, serveCommand } from './serve';
import { studyList, studyReport, studyRun } from './study';
import { teachersAccept, teachersCheck, teachersForget, teachersImport, teachersList, teachersRemove, teachersUse } from './teachers';
import { trainCommand } from './train';
import { addTrainOptions, number } from './trainOptions';

const whole = (typed: string): number => {
  if (!/^\d+$/.test(typed)) throw new InvalidArgumentError('It should be a whole number.');
  return Number(typed);
};

/** Collects an option that can be said several times. */
const several = (typed: string, before: string[] = []): string[] => [...before, typed];

/** Runs the command line. @returns the exit code. @throws CommanderError for bad use and for `--help`. */
export async function program(args: string[]): Promise<number> {
  let code = 0;
  /** Options of one command as its code wants them; `command` comes last from commander. */
  const runs = <A extends unknown[]>(work: (...args: A) => Promise<number>) => {
    return async (...all: A) => {
      code = await work(...all);
    };
  };
  const root = new Command('npm run -s cli --')
    .description('Understudy on the command line: import studies, train a student, predict, evaluate and export.')
    .enablePositionalOptions() // what follows `labels complete` is not for `labels`
    .showHelpAfterError('(add --help for what can be said here)')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  const command = (parent: Command, name: string, description: string, { hidden = false } = {}) =>
    parent
      .command(name, { hidden })
      .description(description)
      .option('--project <dir>', 'folder of the project (default: the folder you are in)')
      .option('--json', 'print JSON on standard output; see docs/cli.md');

  const demo = root.command('demo').description('the project of synthetic PET/CT studies that comes with the program');
  phantomOptions(command(demo, 'create', 'make the demo project'))
    .option('--seed <n>', 'which bodies are made', whole)
    .action(runs(demoCreate));
  addRunOptions(phantomOptions(command(demo, 'run', 'make the demo project, train, predict, evaluate and write a report'))).action(
    runs(demoRun),
  );

  command(root, 'import', 'import NIfTI files, folders, or data sets in nnU-Net’s layout; makes the project if there is none')
    .argument('<path...>', 'files or folders')
    .action(runs(importCommand));
  const autopetOrgan = root.command('autopet-organ').description('the data set MuDuo was published on; see docs/autopet-organ.md');
  addTrainOptions(
    command(
      autopetOrgan,
      'set-up',
      'make a project of it: structures, splits, so many labels; say what its published configuration costs here',
    )
      .argument('<folder>', 'its folder: images, labels_ok, lists_5, lists_10, lists_20')
      .addOption(
        new Option('--labels <n>', 'training cases that keep their label').choices(autopetOrganBudgets.map(String)).makeOptionMandatory(),
      )
      .option('--lists <dir>', 'where its lists are, if not in that folder')
      .option('--ct-teacher <teacher>', 'of the project or your library, or none (default: the first that may be used)')
      .option('--pet-teacher <teacher>', 'the same for PET')
      .addOption(new Option('--choices <set>', 'what MuDuo’s code leaves open').choices(['intended', 'released']).default('intended'))
      .option('--generator-steps <n>', 'steps that the prompt generator is trained for first', whole)
      .addOption(
        new Option('--configuration <name>', 'which one --train trains').choices(autopetOrganConfigurationNames).default('published'),
      )
      .option('--days <n>', 'the longest a training may take', number, 14)
      .option('--train', 'train, if it fits this machine; what follows lays over the configuration'),
  ).action(runs(autopetOrganSetUp));
  const cases = command(root, 'cases', 'list the cases').action(runs(casesCommand));
  command(cases, 'patient', 'say whose studies cases are: runs never see a patient they are tested on')
    .argument('<case...>', 'names or ids')
    .option('--is <patient>', 'any word that tells this patient from others')
    .option('--unknown', 'take back what was said, or read from the name')
    .action(runs(casePatientCommand));
  command(root, 'runs', 'list the runs').action(runs(runsCommand));
  addRunOptions(command(root, 'train', 'train a student on the labelled cases; Ctrl-C stops it at its next step and keeps the checkpoint'))
    .option('--resume <run>', 'go on with a stopped or interrupted run (its number or id)')
    .option('--forecast', 'only say how long it would take and how much memory it would need')
    .action(runs(trainCommand));
  command(root, 'predict', 'let a student label cases')
    .option('--model <model>', 'run number, `3/last`, or id (default: best of the newest run)')
    .option('--cases <name...>', 'only these cases (default: all)')
    .option('--again', 'also cases it has labelled before')
    .action(runs(predictCommand));
  command(root, 'evaluate', 'compare predictions with the reference labels')
    .option('--model <model...>', 'run number, `3/last`, or id; several are printed one after the other (default: best of the newest run)')
    .option('--cases <name...>', 'only these cases (default: the test cases, else the validation cases)')
    .action(runs(evaluateCommand));
  command(root, 'ledger', 'show what the teachers of a run agreed on, and where they disagree most')
    .requiredOption('--run <run>', 'its number or id')
    .option('--windows <n>', 'how many stretches of steps to tell apart (default: 5)', whole)
    .option('--limit <n>', 'how many places on the work list (default: 50)', whole)
    .addOption(new Option('--by <order>', 'what comes first on the work list (default: agreement)').choices(disagreementOrders))
    .action(runs(ledgerCommand));
  command(root, 'look', 'let the student and the teachers of a finished run look at cases, and score what each of them sees')
    .requiredOption('--run <run>', 'its number or id')
    .option('--cases <name...>', 'only these cases (default: the test cases)')
    .action(runs(lookCommand));
  command(root, 'export', 'write images, masks or a model as files others can read')
    .argument('<what>', '`images`, `masks` or `model`')
    .requiredOption('--out <path>', 'folder to write into, or the .onnx file of a model')
    .option('--canonical', 'images and masks in RAS+ instead of on the grid of their source')
    .option('--cases <name...>', 'only these cases (default: all)')
    .option('--model <model>', 'whose masks, or which model (default: best of the newest run)')
    .option('--reference', 'the reference labels instead of a model’s masks')
    .action(runs(exportFiles));
  const study = root.command('study').description('configurations compared over several seeds and budgets of labels');
  command(study, 'run', 'train and score every student of a study; the same file again, or --resume, goes on where it was')
    .option('--config <file>', 'what is compared, as JSON; see docs/cli.md')
    .option('--resume <study>', 'go on with a study that stands still (its number, name or id)')
    .action(runs(studyRun));
  command(study, 'report', 'write what the students of a study scored')
    .argument('<study>', 'its number, name or id')
    .requiredOption('--out <file>', 'a .csv with every score, or an .html page with tables and drawings')
    .action(runs(studyReport));
  command(study, 'list', 'list the studies').action(runs(studyList));
  const teachers = root.command('teachers').description('the foundation models that teach, brought as files');
  command(teachers, 'list', 'list the teachers, and those of your library').action(runs(teachersList));
  command(teachers, 'import', 'import weights (.pth, .safetensors, .npz) or ONNX models; what they are is told from their shapes')
    .argument('<path...>', 'files')
    .option('--family <family>', 'which it is where shapes cannot tell: sam, medsam, sam-med3d or segany-pet')
    .action(runs(teachersImport));
  command(teachers, 'use', 'take a teacher of your library into the project, without its file and without a copy')
    .argument('<teacher>', 'its name or the start of its hash')
    .action(runs(teachersUse));
  command(teachers, 'forget', 'take a teacher out of your library; projects that have it keep it')
    .argument('<teacher>', 'its name or the start of its hash')
    .action(runs(teachersForget));
  command(teachers, 'accept', 'accept a teacher’s licence, which it needs before it is used')
    .argument('<teacher>', 'its name, id or the start of its hash')
    .option('--licence <name>', 'under which licence you got it, where that is not known')
    .option('--terms <text>', 'its terms in a few words')
    .action(runs(teachersAccept));
  command(teachers, 'check', 'let teachers answer a fixed image, compare with their first answer, and time them')
    .argument('[teacher...]', 'names, ids or starts of hashes (default: all)')
    .option('--device <device>', 'where (default: cpu)')
    .action(runs(teachersCheck));
  command(teachers, 'remove', 'delete a teacher’s weights from the project; the library, or importing its file again, brings it back')
    .argument('<teacher>', 'its name, id or the start of its hash')
    .action(runs(teachersRemove));
  command(root, 'prompt', 'ask a teacher for a mask by points or a box, and write it into the label with --accept')
    .requiredOption('--teacher <teacher>', 'its name, id or the start of its hash')
    .requiredOption('--case <name>', 'which case')
    .requiredOption('--structure <name>', 'what is pointed at: its name, or its value in labels')
    .option('--point <x,y,z>', 'a point on the structure in mm (RAS+), or beside it as x,y,z,negative; can be said several times', several)
    .option('--box <x,y,z,x,y,z>', 'two corners in mm, for teachers of slices')
    .option('--slice <axis,n>', 'for teachers of slices: along i, j or k, as in k,40 (default: along k, where the first point lies)')
    .option('--channel <n>', 'which channel, from 0', whole)
    .option('--window <low,high>', 'for teachers of slices: what becomes black and white')
    .option('--accept', 'write the mask into the label as its next revision')
    .option('--how <way>', 'replace (default), add or subtract')
    .option('--overwrite', 'also where the label holds another structure')
    .action(runs(promptCommand));
  command(root, 'structures', 'list the structures, or add some to be labelled here')
    .option('--add <name>', 'a new structure; can be said several times', several)
    .action(runs(structuresCommand));
  const labels = command(root, 'labels', 'list the revisions of a case’s label')
    .argument('<case>', 'its name or id')
    .option('--restore <n>', 'make this revision current again, as a new one; 0 is no label', whole)
    .action(runs(labelsCommand));
  command(labels, 'complete', 'say that nothing is missing in the labels of these cases: from then on they train and evaluate')
    .argument('<case...>', 'names or ids')
    .action(runs(labelStateCommand('complete')));
  command(labels, 'draft', 'say that something is still missing: they neither train nor evaluate')
    .argument('<case...>', 'names or ids')
    .action(runs(labelStateCommand('draft')));
  command(root, 'check', 'verify every row of the project against its files').action(runs(checkCommand));
  command(root, 'devices', 'try every device of this machine on a small training step').action(runs(devicesCommand));
  command(root, 'serve', 'open the workbench on 127.0.0.1 for a browser, until Ctrl-C')
    .option('--port <n>', 'port to listen on (default: any free one)', whole)
    .action(runs(serveCommand));
  command(root, 'open', 'open the workbench in a browser window, until Ctrl-C', { hidden: true }).action(runs(openCommand));

  await root.parseAsync(args, { from: 'user' });
  return code;
}

const phantomOptions = (of: Command) =>
  of
    .option('--cases <n>', 'how many cases', whole)
    .option('--labelled <n>', 'how many training cases have labels', whole)
    .option('--test <n>', 'how many cases are kept for the test', whole)
    .addOption(new Option('--variation <name>', 'how much patients differ and scans are disturbed').choices(phantomVariations));
