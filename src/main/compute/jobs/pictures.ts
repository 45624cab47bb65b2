/** Draws one PNG per item for a report. */
import { writeDurably } from '../../files/durable';
import { reportPicture } from '../../imaging/reportPicture';
import { readStored } from '../../methods/training/prepare';
import { type JobCode, Stopped } from '../protocol';
import { readLabels } from '../readLabels';

export const pictures: JobCode<'pictures'> = async ({ items, colours }, context) => {
  const files: string[] = [];
  for (const { image, window, masks, view, out } of items) {
    await context.breathe();
    if (context.stopped) throw new Stopped();
    const labels = await Promise.all(masks.map(async ({ volume, style }) => ({ label: await readLabels(volume), style })));
    await writeDurably(out, reportPicture({ image: await readStored(image), window, masks: labels, view, colours }));
    files.push(out);
    context.report({ fraction: files.length / items.length });
  }
  return { files };
};
