/** The report on a study as one HTML page that needs nothing else: what was compared, on what, how it came out, and the drawings inside. */
import { counted } from '../../../shared/counts';
import type { Project } from '../../../shared/domain';
import { methodTitles } from '../../../shared/methodWords';
import { fewestCases, type PairedDifference } from '../../../shared/pairedDifferences';
import type { Study, StudyReport } from '../../../shared/studies';
import {
  type Drawing,
  drawBudgets,
  drawDifferences,
  intervalWords,
  type Point,
  type Shape,
  signedNumber,
} from '../../../shared/studyDrawing';
import { neverFoundWords, trainedOnWords } from '../../../shared/studyWords';
import type { Teacher } from '../../../shared/teachers';
import type { CasePictures } from './casePictures';
import { leastFound } from './results';

export interface StudyPageData {
  report: StudyReport;
  /** Null where no case was scored by the first two configurations. */
  pictures: CasePictures | null;
  project: Pick<Project, 'name'>;
  /** What people call the teachers. */
  teachers: readonly Pick<Teacher, 'id' | 'name'>[];
  version: string;
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
const fixed = (value: number | null | undefined, digits: number): string => (value == null ? '–' : value.toFixed(digits).replace('-', '−'));
const row = (cells: (string | number)[], tag = 'td'): string => `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;
const table = (head: string[], rows: (string | number)[][]): string =>
  `<table><thead>${row(head, 'th')}</thead><tbody>${rows.map((cells) => row(cells)).join('')}</tbody></table>`;

export function studyPage({ report, pictures, project, teachers, version }: StudyPageData): string {
  const { study, groups } = report;
  const [first] = study.configurations;
  const done = study.runs.filter(({ state }) => state === 'done').length;
  const cases = Math.max(0, ...groups.map(({ dice }) => dice?.cases ?? 0));
  const curve = drawBudgets(report);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${escaped(study.name)}: study</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${escaped(study.name)}</h1>
<p>Project ${escaped(project.name)} · ${done} of ${study.runs.length} students scored on ${cases} test cases · seeds ${study.plan.seeds.join(', ')} · labelled cases ${study.budgets.join(', ')}</p>
<p>${escaped(trainedOnWords(report))}</p>
</header>
<h2>Means over test cases and seeds</h2>
${meansTable(report)}
${study.budgets.map((budget) => differences(report, budget)).join('\n')}
${pictures ? caseRows(report.study, pictures) : ''}
${curve ? `<h2>Label budget</h2>\n<p>Mean Dice on the test cases; shaded: 95 % interval over seeds and cases.</p>\n${svg(curve)}` : ''}
<h2>What was compared</h2>
${settingsTable(report, teachers)}
<h2>How to read it</h2>
<p>A difference is that of one configuration less ${escaped(first.name)}, on the same case and under the same seed, averaged over the structures of the case and then over cases and seeds. Its interval holds 95 % of the means of 2000 replicates, for each of which seeds were drawn with replacement, and, once for all of them, cases (Owen 2007, the pigeonhole bootstrap). “Cannot tell apart” means that the interval holds zero, or that there are fewer than ${fewestCases} cases. With one seed it says nothing about other seeds. Many comparisons are made here and none is corrected for that. A structure counts in a case where the reference holds it or any student drew it; distances only where both students have one, so what one missed shows in Dice alone. A structure is never found where the mean of its Dice over the cases is below ${leastFound}.</p>
<footer>Understudy ${escaped(version)} · for research, not for clinical use.</footer>
</body>
</html>
`;
}

function meansTable({ study, structures, groups }: StudyReport): string {
  const rows = groups.map((group) => {
    const { configuration, budget, dice, diceBySeed, means } = group;
    return [
      escaped(study.configurations[configuration].name),
      budget,
      fixed(dice?.mean, 3),
      dice ? `${fixed(dice.low, 3)} … ${fixed(dice.high, 3)}` : '–',
      fixed(means?.hd95Mm, 1),
      fixed(means?.assdMm, 1),
      fixed(means?.surfaceDice, 3),
      diceBySeed.map(({ seed, dice: ofSeed }) => `${seed}: ${fixed(ofSeed, 3)}`).join(', ') || '–',
      escaped(neverFoundWords(group, structures)) || '–',
    ];
  });
  return table(
    ['Configuration', 'Labels', 'Dice', '95 % interval', 'HD95, mm', 'ASSD, mm', 'Surface Dice', 'Dice by seed', 'Never found'],
    rows,
  );
}

function differences(report: StudyReport, budget: number): string {
  const { study, structures, comparisons } = report;
  const compared = comparisons.filter((one) => one.budget === budget && one.dice);
  const drawing = drawDifferences(report, budget);
  if (!drawing) return '';
  const nameOf = (configuration: number) => escaped(study.configurations[configuration].name);
  const overall = compared.flatMap(({ configuration, dice, hd95Mm }) => [
    [nameOf(configuration), 'Dice', ...differenceCells(dice, 3)],
    [nameOf(configuration), 'HD95, mm', ...differenceCells(hd95Mm, 1)],
  ]);
  const byStructure = compared.flatMap(({ configuration, structures: found }) =>
    found.flatMap(({ structure, dice }) =>
      dice
        ? [
            [
              nameOf(configuration),
              escaped(structures.find(({ index }) => index === structure)?.name ?? String(structure)),
              ...differenceCells(dice, 3),
            ],
          ]
        : [],
    ),
  );
  const columns = ['Difference', '95 % interval', 'Verdict', 'Seeds better', 'Cases'];
  return `<h2>Paired differences to ${nameOf(0)}, ${counted(budget, 'label')}</h2>
${svg(drawing)}
${table(['Configuration', 'Of', ...columns], overall)}
<details><summary>By structure, in Dice</summary>${table(['Configuration', 'Structure', ...columns], byStructure)}</details>`;
}

const differenceCells = (found: PairedDifference | null, digits: number): (string | number)[] =>
  found
    ? [signedNumber(found.mean, digits), intervalWords(found, digits), found.verdict, `${found.seedsBetter} of ${found.seeds}`, found.cases]
    : ['–', '–', '–', '–', 0];

/** The chosen cases, each a row of pictures: the reference, and every student's mask with its Dice. */
function caseRows({ configurations }: Study, { budget, seed, among, cases }: CasePictures): string {
  const [first, second] = configurations.map(({ name }) => escaped(name));
  const why = { first: `most in favour of ${second}`, middle: 'in the middle', last: `least in favour of ${second}` };
  const rows = cases.map(({ name, place, difference, dice, pictures }) => {
    const head = `<h3>${escaped(name)}: ${why[place]}, ${signedNumber(difference, 3)}</h3>`;
    if (!pictures) return `${head}\n<p>No pictures: a mask of this case is no longer in the project.</p>`;
    const students = pictures.students.map(
      (png, at) => png && picture(png, escaped(configurations[at].name), `Dice ${fixed(dice[at], 3)}`),
    );
    return `${head}\n<div class="pictures">${picture(pictures.reference, 'Reference', '')}${students.filter(Boolean).join('')}</div>`;
  });
  return `<h2>Cases</h2>
<p>Chosen by numbers alone, of ${among} test cases: where the Dice of ${second} less that of ${first} is largest, nearest to the median, and smallest, with ${counted(budget, 'label')} and seed ${seed}. Each picture is the axial slice through the middle of the largest structure of the reference; white is the outline of the reference, teal that of the student, and Dice is the mean over the structures of the whole case.</p>
${rows.join('\n')}`;
}

const picture = (png: string, name: string, caption: string): string =>
  `<figure><img alt="${name}: axial slice with outlines" src="data:image/png;base64,${png}"><figcaption>${name}${caption && `<br>${caption}`}</figcaption></figure>`;

/** Every setting in which configurations differ, and those they share once. */
function settingsTable({ study: { configurations } }: StudyReport, teachers: StudyPageData['teachers']): string {
  const named = new Map<string, string>(teachers.map(({ id, name }) => [id, name]));
  const flat = configurations.map(({ settings }) => flatten({ ...settings, name: undefined, seed: undefined, labelledCases: undefined }));
  const keys = [...new Set(flat.flatMap((one) => [...one.keys()]))];
  const rows = keys.map((key) => {
    const values = flat.map((one) => one.get(key) ?? '–').map((value) => named.get(value) ?? value);
    return [escaped(key), ...(new Set(values).size === 1 ? [escaped(values[0]), ...values.slice(1).map(() => '″')] : values.map(escaped))];
  });
  const heads = configurations.map(({ name, settings }) => `${escaped(name)} (${methodTitles[settings.method]})`);
  return table(['Setting', ...heads], rows);
}

function flatten(value: object, prefix = ''): Map<string, string> {
  return new Map(
    Object.entries(value).flatMap(([key, item]): [string, string][] => {
      if (item === undefined) return [];
      if (item !== null && typeof item === 'object' && !Array.isArray(item)) return [...flatten(item, `${prefix}${key}.`)];
      return [[`${prefix}${key}`, Array.isArray(item) ? item.join(' × ') : String(item)]];
    }),
  );
}

const svg = ({ width, height, label, shapes }: Drawing): string =>
  `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(label)}">${shapes.map(mark).join('')}</svg>`;

const pointsOf = (points: readonly Point[]): string => points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');

function mark(shape: Shape): string {
  const look = `class="${shape.kind} ${shape.tone}"`;
  switch (shape.kind) {
    case 'line':
      return `<polyline ${look} points="${pointsOf(shape.points)}"/>`;
    case 'area':
      return `<polygon ${look} points="${pointsOf(shape.points)}"/>`;
    case 'dot':
      return `<circle ${look} cx="${shape.at[0].toFixed(1)}" cy="${shape.at[1].toFixed(1)}" r="4"/>`;
    case 'text':
      return `<text ${look} x="${shape.at[0].toFixed(1)}" y="${shape.at[1].toFixed(1)}" text-anchor="${shape.anchor}">${escaped(shape.text)}</text>`;
  }
}

const style = `
:root { color-scheme: dark; --ground: #0e1116; --surface: #141821; --line: #2a3242; --text: #e8ecf3; --quiet: #a3adbf; --s0: #a3adbf; --s1: #4cc2c4; --s2: #f0a94a; --s3: #e368b0; --s4: #6fcf8b; --s5: #7fb0f5; --s6: #f07a70; }
@media print { :root { color-scheme: light; --ground: #fff; --surface: #fff; --line: #ccd2dc; --text: #111; --quiet: #555; --s0: #555; --s1: #0a6264; --s2: #7a4b00; --s3: #9c2370; --s4: #14602f; --s5: #1d4f9e; --s6: #a8241a; } }
body { margin: 0 auto; max-width: 64rem; padding: 2rem 1.5rem 3rem; background: var(--ground); color: var(--text); font: 14px/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.05rem; margin: 2.5rem 0 .75rem; } h3 { font-size: .95rem; font-weight: 600; margin: 1.5rem 0 .5rem; } p { max-width: 46rem; }
header p, footer, summary { color: var(--quiet); } footer { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: 1rem; font-size: 12px; }
table { border-collapse: collapse; width: 100%; } th, td { padding: .35rem .6rem; text-align: right; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--quiet); font-weight: 500; font-size: 12px; } th:first-child, td:first-child { text-align: left; } summary { margin: 1rem 0 .5rem; cursor: pointer; }
svg { width: 100%; max-width: 46rem; background: var(--surface); border: 1px solid var(--line); border-radius: 8px; padding: .75rem; box-sizing: border-box; margin-bottom: 1rem; }
.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: .75rem; } figure { margin: 0; } img { width: 100%; border-radius: 8px; background: #000; } figcaption { color: var(--quiet); font-size: 12px; }
text { font-size: 12px; fill: var(--tone); } .line { fill: none; stroke: var(--tone); stroke-width: 2; stroke-linejoin: round; } .line.axis { stroke-width: 1; } .area { fill: var(--tone); opacity: .1; } .dot { fill: var(--tone); }
.axis { --tone: var(--line); } .quiet { --tone: var(--quiet); } .text { --tone: var(--text); } ${[0, 1, 2, 3, 4, 5, 6].map((n) => `.series${n} { --tone: var(--s${n}); }`).join(' ')}
`;
