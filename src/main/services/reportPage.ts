/** The report as one HTML page that needs nothing else: tables, curves as SVG, pictures inside. Pure text from plain data. */
import type { Model, Project, Structure } from '../../shared/domain';
import type { EvaluationSummary } from '../../shared/evaluation';
import { methodFacts, methodTitles } from '../../shared/methodWords';
import type { CommonSettings, Curves, MetricPoint, Run, RunRecord } from '../../shared/runs';

export interface Picture {
  /** Base64. */
  png: string;
  title: string;
  why: string;
  meanDice: number;
}
export interface ReportData {
  project: Project;
  run: Run;
  /** Null where the run kept none. */
  record: RunRecord | null;
  curves: Curves;
  model: Model;
  summary: EvaluationSummary;
  structures: Structure[];
  pictures: Picture[];
  version: string;
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
const fixed = (value: number | null, digits: number): string => (value === null ? '–' : value.toFixed(digits).replace('-', '−'));

export function reportPage(data: ReportData): string {
  const { project, run, model, summary, pictures, version } = data;
  const title = `${model.name}: report`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${escaped(model.name)}</h1>
<p>Project ${escaped(project.name)} · ${run.cases.training.length} labelled training cases${run.cases.unlabelled.length > 0 ? `, ${run.cases.unlabelled.length} unlabelled` : ''}, ${run.cases.validation.length} for validation · ${summary.cases.length} cases evaluated</p>
</header>
<section class="figures">
${figure('Mean Dice', fixed(summary.mean.dice, 2))}
${figure('HD95', fixed(summary.mean.hd95Mm, 1), 'mm')}
${figure('Volume error', fixed(summary.mean.volumeErrorMl, 1), 'mL')}
${figure('Trained', fixed(run.trainedSeconds / 60, 1), 'min')}
</section>
<h2>Structures, worst first</h2>
${structuresTable(data)}
${pictures.length > 0 ? `<h2>Cases</h2>\n<p class="key"><i class="reference"></i> reference <i class="student"></i> student</p>\n${pictures.map(pictureOf).join('\n')}` : ''}
<h2>Cases, worst first</h2>
${casesTable(summary)}
<h2>Training</h2>
${chart('Loss on training patches', data.curves.loss ?? [], 'loss')}
${chart('Mean Dice on whole validation cases', data.curves.validation ?? [], 'Dice')}
<h2>How it was made</h2>
${settingsTable(data)}
<footer>Understudy ${escaped(version)} · ${escaped(run.device ?? 'device not recorded')} · for research, not for clinical use.</footer>
</body>
</html>
`;
}

const figure = (name: string, value: string, unit = ''): string =>
  `<div><span>${name}</span><strong>${value}</strong>${unit && ` <small>${unit}</small>`}</div>`;

const row = (cells: (string | number)[], tag = 'td'): string => `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;

function structuresTable({ summary, structures }: ReportData): string {
  const colourOf = (index: number) => structures.find((structure) => structure.index === index)?.colour ?? '#888888';
  const scores = (s: EvaluationSummary['mean']) => [
    fixed(s.dice, 3),
    fixed(s.hd95Mm, 1),
    fixed(s.assdMm, 1),
    fixed(s.surfaceDice, 3),
    fixed(s.volumeErrorMl, 1),
  ];
  const rows = summary.structures
    .toSorted((a, b) => a.dice - b.dice)
    .map((s) => row([`<i style="background:${colourOf(s.structure)}"></i>${escaped(s.name)}`, ...scores(s), s.missed, s.cases]));
  const head = row(['Structure', 'Dice', 'HD95, mm', 'ASSD, mm', 'Surface Dice', 'Volume error, mL', 'Missed', 'Cases'], 'th');
  return `<table><thead>${head}</thead><tbody>${rows.join('')}</tbody><tfoot>${row(['Mean', ...scores(summary.mean), '', ''])}</tfoot></table>`;
}

const casesTable = ({ cases }: EvaluationSummary): string =>
  `<table class="narrow"><thead>${row(['Case', 'Split', 'Mean Dice'], 'th')}</thead><tbody>${cases
    .map((one) => row([escaped(one.name), one.split, fixed(one.meanDice, 3)]))
    .join('')}</tbody></table>`;

const pictureOf = ({ png, title, why, meanDice }: Picture): string =>
  `<figure><img alt="${escaped(`${title}: slices with the outlines of reference and student`)}" src="data:image/png;base64,${png}"><figcaption>${escaped(title)}, ${why}: mean Dice ${fixed(meanDice, 2)}</figcaption></figure>`;

/** Settings in words, with their units. */
const settingWords: Record<keyof CommonSettings, string> = {
  name: 'Name',
  device: 'Device asked for',
  recompute: 'Activations made again',
  precision: 'Precision',
  width: 'Width, channels',
  patch: 'Patch, voxels',
  spacingMm: 'Voxel size, mm',
  batch: 'Batch, patches',
  steps: 'Steps',
  rate: 'Peak learning rate',
  warmupSteps: 'Warm-up, steps',
  momentum: 'Momentum',
  weightDecay: 'Weight decay',
  dropout: 'Dropout',
  foreground: 'Foreground share',
  balance: 'Weight of rare structures',
  flips: 'Left–right flips',
  intensity: 'Intensity augmentation',
  deformation: 'Deformation',
  labelledCases: 'Labelled cases used',
  validationCases: 'Cases set aside for validation',
  validateEvery: 'Validated every, steps',
  checkpointEvery: 'Saved every, steps',
  seed: 'Seed',
};

function inWords(value: CommonSettings[keyof CommonSettings]): string {
  if (value === null) return 'all';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return Array.isArray(value) ? value.join(' × ') : String(value);
}

function settingsTable({ run: { settings, number, startedAt }, record, model }: ReportData): string {
  const teachers = new Map(record?.teachers.map(({ teacher, name, weights }) => [teacher, `${name} (weights ${weights.slice(0, 12)}…)`]));
  const facts: [string, string][] = [
    ['Run', `${number}, started ${startedAt.slice(0, 16).replace('T', ' ')} UTC`],
    ['Checkpoint', `${model.which}, step ${model.step} of ${settings.steps}`],
    ['Student', `3D U-Net, ${model.spec.widths.join('–')} channels, ${model.parameters.toLocaleString('en')} parameters`],
    ...(Object.keys(settingWords) as (keyof typeof settingWords)[]).map((key): [string, string] => [
      settingWords[key],
      inWords(settings[key]),
    ]),
    ['Method', methodTitles[settings.method]],
    ...methodFacts(settings, (teacher) => teachers.get(teacher) ?? teacher),
  ];
  return `<table class="narrow facts"><tbody>${facts.map(([name, value]) => row([escaped(name), escaped(value)])).join('')}</tbody></table>`;
}

const width = 720;
const height = 180;
const margin = { left: 44, right: 8, top: 10, bottom: 24 };

/** A curve over steps; the axis starts at 0 and ends at the largest value. Nothing is drawn for fewer than two points. */
function chart(title: string, points: readonly MetricPoint[], name: string): string {
  if (points.length < 2) return '';
  const lastStep = points[points.length - 1].step;
  const highest = Math.max(...points.map(({ value }) => value)) || 1;
  const x = (step: number) => margin.left + (step / lastStep) * (width - margin.left - margin.right);
  const y = (value: number) => height - margin.bottom - (Math.max(0, value) / highest) * (height - margin.top - margin.bottom);
  const line = points.map(({ step, value }) => `${x(step).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  const text = (left: number, top: number, anchor: string, label: string) =>
    `<text x="${left}" y="${top}" text-anchor="${anchor}">${label}</text>`;
  return `<figure class="chart"><figcaption>${title}</figcaption><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">
<path d="M${margin.left} ${margin.top}V${height - margin.bottom}H${width - margin.right}"/>
<polyline points="${line}"/>
${text(margin.left - 6, y(highest) + 4, 'end', fixed(highest, 2))}${text(margin.left - 6, y(0) + 4, 'end', '0')}
${text(margin.left, height - 6, 'start', `${name} by step`)}${text(width - margin.right, height - 6, 'end', `step ${lastStep}`)}
</svg></figure>`;
}

const style = `
:root { color-scheme: dark; --ground: #0e1116; --surface: #141821; --line: #2a3242; --text: #e8ecf3; --quiet: #a3adbf; --accent: #4cc2c4; }
@media print { :root { color-scheme: light; --ground: #fff; --surface: #fff; --line: #ccd2dc; --text: #111; --quiet: #555; --accent: #0a7f82; } }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1.5rem 3rem; background: var(--ground); color: var(--text); font: 14px/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.05rem; margin: 2.5rem 0 .75rem; }
header p, footer, figcaption, .key { color: var(--quiet); } footer { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: 1rem; font-size: 12px; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 1rem; margin-top: 1.5rem; }
.figures div { background: var(--surface); border: 1px solid var(--line); border-radius: 8px; padding: .75rem 1rem; }
.figures span { display: block; color: var(--quiet); font-size: 12px; } .figures strong { font-size: 1.5rem; font-weight: 600; }
table { border-collapse: collapse; width: 100%; } .narrow { width: auto; min-width: 24rem; }
th, td { padding: .35rem .75rem; text-align: right; border-bottom: 1px solid var(--line); } th { color: var(--quiet); font-weight: 500; font-size: 12px; }
th:first-child, td:first-child, .facts td { text-align: left; } .narrow td:nth-child(2), .narrow th:nth-child(2) { text-align: left; } tfoot td { font-weight: 600; }
td i, .key i { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: .5rem; }
.key i { height: 3px; width: 18px; margin-left: 1rem; vertical-align: middle; } .key .reference { background: #fff; outline: 1px solid var(--line); } .key .student { background: #4cc2c4; }
figure { margin: 0 0 1.25rem; } img { width: 100%; border-radius: 8px; background: #000; image-rendering: auto; }
.chart svg { width: 100%; background: var(--surface); border: 1px solid var(--line); border-radius: 8px; } .chart path { fill: none; stroke: var(--line); }
.chart polyline { fill: none; stroke: var(--accent); stroke-width: 1.5; stroke-linejoin: round; } .chart text { fill: var(--quiet); font-size: 11px; }
`;
