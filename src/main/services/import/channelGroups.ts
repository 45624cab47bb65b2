/** Which files are channels of one case: nnU-Net's `_0000`, `_0001` … at the end of the name. */
import { join } from 'node:path';
import { stemOf } from './plan';

export interface ChannelGroup {
  name: string;
  /** Files by channel number, from 0, without gaps. */
  paths: string[];
}

/**
 * Groups image files of one folder. A number counts as a channel only where channel 0 exists and none is missing between, and where
 * the whole stem is not itself a case (`isCase`, for example because a label carries it): `scan_0001`, `scan_0002` alone are two cases.
 */
export function channelGroups(folder: string, names: readonly string[], isCase: (stem: string) => boolean = () => false): ChannelGroup[] {
  const split = names.map((name) => {
    const [, base, number] = /^(.+)_(\d{4})$/.exec(stemOf(name)) ?? [];
    return base !== undefined && !isCase(stemOf(name)) ? { name, base, number: Number(number) } : { name, base: null, number: 0 };
  });
  const numbered = Map.groupBy(
    split.filter((one) => one.base !== null),
    (one) => one.base!,
  );
  const groups: ChannelGroup[] = split
    .filter((one) => one.base === null)
    .map(({ name }) => ({ name: stemOf(name), paths: [join(folder, name)] }));
  for (const [base, members] of numbered) {
    const ordered = members.toSorted((a, b) => a.number - b.number);
    const isSeries = ordered.every((member, position) => member.number === position);
    if (isSeries) groups.push({ name: base, paths: ordered.map(({ name }) => join(folder, name)) });
    else if (ordered[0].number === 0) groups.push({ name: base, paths: sparse(folder, ordered) });
    else groups.push(...ordered.map(({ name }) => ({ name: stemOf(name), paths: [join(folder, name)] })));
  }
  return groups.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Keeps every file at its channel number; the holes are noticed by whoever needs all of them. */
function sparse(folder: string, members: { name: string; number: number }[]): string[] {
  const paths: string[] = Array.from({ length: members[members.length - 1].number + 1 }, () => '');
  for (const { name, number } of members) paths[number] = join(folder, name);
  return paths;
}
