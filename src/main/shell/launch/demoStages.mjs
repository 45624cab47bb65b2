/** The stages of `npm run demo` after install and build, with the seconds each takes on two cores: where the time left comes from before a stage has been seen to run. */
// @ts-check

/** @typedef {import('./progressBar.mjs').Stage} Stage */
/** @type {Stage[]} */
const scoring = [
  { name: 'predict', title: 'Predicting', seconds: 28 },
  { name: 'evaluate', title: 'Evaluating', seconds: 4 },
  { name: 'report', title: 'Writing the report', seconds: 5 },
];

/** Two students: one that both teachers distil into, one on labels alone. @type {Stage[]} */
export const demoStages = [
  { name: 'project', title: 'Making the demo project', seconds: 10 },
  { name: 'train', title: 'Training with both teachers', seconds: 520 },
  { name: 'labels', title: 'Training on labels alone', seconds: 25 },
  { name: 'look', title: 'Asking the teachers', seconds: 57 },
  ...scoring,
];

/** One student, by another method than the demo's. @type {Stage[]} */
export const singleStages = [
  { name: 'project', title: 'Making the demo project', seconds: 10 },
  { name: 'train', title: 'Training', seconds: 270 },
  ...scoring,
];
