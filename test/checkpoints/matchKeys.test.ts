/** A network and a file find each other's tensors, or one sentence says why not. */
import { describe, expect, test } from 'vitest';
import { matchKeys } from '../../src/main/checkpoints/matchKeys';

const expected = [
  { name: 'conv.weight', dims: [8, 1, 3, 3, 3] },
  { name: 'conv.bias', dims: [8] },
  { name: 'head.weight', dims: [2, 8] },
];
const under = (prefix: string) => expected.map(({ name, dims }) => ({ name: prefix + name, dims }));
const scalar = (name: string) => ({ name, dims: [] });

describe('a file fits', () => {
  test.each(['', 'module.', 'model_state_dict.', 'state_dict.model.module.'])('under the prefix “%s”', (prefix) => {
    expect(matchKeys(under(prefix), expected)).toEqual({
      fits: true,
      prefix,
      names: new Map(expected.map(({ name }) => [name, prefix + name])),
    });
  });

  test('whatever an optimiser left in it', () => {
    expect(matchKeys([...under(''), scalar('optimizer.state.0.exp_avg'), scalar('bn.num_batches_tracked')], expected).fits).toBe(true);
    expect(matchKeys([...under('net.'), scalar('optimizer_state_dict.state.0.step'), scalar('other.weight')], expected).fits).toBe(true);
  });

  test('with its trained weights before their average', () => {
    expect(matchKeys([...under('ema_model.'), ...under('model.')], expected)).toMatchObject({ prefix: 'model.' });
    expect(matchKeys(under('teacher.'), expected)).toMatchObject({ prefix: 'teacher.' });
  });

  test('without what is optional, and with what is allowed besides', () => {
    const optional = { name: 'rope.periods', dims: [16], isOptional: true };
    const match = matchKeys([...under(''), scalar('copy.of.conv')], [...expected, optional], (name) => name.startsWith('copy.'));
    expect(match).toMatchObject({ fits: true, names: new Map(expected.map(({ name }) => [name, name])) });
  });
});

describe('a file does not fit', () => {
  const whyNot = (entries: Parameters<typeof matchKeys>[0]) => {
    const match = matchKeys(entries, expected);
    return match.fits ? null : match.why;
  };
  test('when tensors are missing', () => {
    expect(whyNot(under('model.').slice(1))).toBe('1 of 3 tensors are missing, first conv.weight');
  });
  test('when it has others', () => {
    expect(whyNot([...under('m.'), scalar('m.extra'), scalar('m.more')])).toBe('2 are unexpected, first extra');
  });
  test('when a shape differs', () => {
    const entries = [{ name: 'conv.weight', dims: [8, 2, 3, 3, 3] }, ...under('').slice(1)];
    expect(whyNot(entries)).toBe('1 has another shape, first conv.weight with 8 × 2 × 3 × 3 × 3 instead of 8 × 1 × 3 × 3 × 3');
  });
  test('when it is of another network', () => {
    expect(whyNot([scalar('a'), scalar('b')])).toBe('3 of 3 tensors are missing, first conv.weight; 2 are unexpected, first a');
  });
});
