/** A long run does not eat the machine: once it has settled, resident memory stays level over two thousand steps. */
import { expect, test } from 'vitest';
import { noiseFor } from '../../src/main/compute/devices';
import { TrainingStep } from '../../src/main/engine/trainStep';
import { supervisedStep } from '../../src/main/methods/supervised';
import { initialParameters } from '../../src/main/networks/network';
import { unet3d } from '../../src/main/networks/unet3d';
import { random } from '../../src/shared/random';

const steps = 4000;
/** The arena and V8 find their size within these; the last 14 MB come in one piece, at times long after the 500th step. */
const settling = 2000;

test('two thousand steps leave resident memory as it was when it had settled', async () => {
  const network = unet3d({ inChannels: 1, classes: 2, widths: [2, 2, 4, 4, 8] });
  const plan = supervisedStep({ network, patch: [16, 16, 16], batch: 1, momentum: 0.9, weightDecay: 0, dropout: 0 });
  const step = await TrainingStep.open(plan, initialParameters(network, random(1)), { device: 'cpu', threads: 1 });
  const points: { at: number; megabytes: number }[] = [];
  for (let at = 0; at < steps; at++) {
    await step.run(noiseFor(plan));
    if (at >= settling && at % 50 === 0) points.push({ at, megabytes: process.memoryUsage().rss / 1e6 });
  }
  await step.close();
  const slope = slopeOf(points);
  console.log(
    `${points[0].megabytes.toFixed(1)} MB after ${settling} steps, ${points.at(-1)?.megabytes.toFixed(1)} MB at the end, ${(1000 * slope).toFixed(2)} MB per thousand steps`,
  );
  expect(slope).toBeLessThan(0.001);
});

/** Megabytes per step, by least squares. */
function slopeOf(points: readonly { at: number; megabytes: number }[]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map(({ at }) => at)), mean(points.map(({ megabytes }) => megabytes))];
  const together = points.reduce((sum, { at, megabytes }) => sum + (at - x) * (megabytes - y), 0);
  return together / points.reduce((sum, { at }) => sum + (at - x) ** 2, 0);
}
