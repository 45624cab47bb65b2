/** Sums of products by Einstein's notation, as transposes and matrix products. */
import type { Value } from '../graph';
import { matmul } from '../ops/linear';
import { sumOver } from '../ops/reduce';
import { reshape, transpose } from '../ops/shape';
import { showDims } from '../tensor';

interface Term {
  value: Value;
  labels: string;
}

/** For example `bhqc,bhkc->bhqk`. Throws on dots and on a letter twice in one term. */
export function einsum(equation: string, values: readonly Value[]): Value {
  const [left, right] = equation.replaceAll(' ', '').split('->');
  const all = left.split(',');
  if (equation.includes('.') || all.length !== values.length)
    throw new Error(`the equation ${equation} is not supported for ${values.length} inputs`);
  const letters = [...left.replaceAll(',', '')];
  // Without an arrow: the letters that stand once, in alphabetical order.
  const wanted =
    right ??
    letters
      .filter((letter) => letters.filter((other) => other === letter).length === 1)
      .sort()
      .join('');
  const terms = all.map((labels, i): Term => {
    if (new Set(labels).size !== labels.length || labels.length !== values[i].dims.length) {
      throw new Error(`the letters ${labels} of ${equation} do not fit ${showDims(values[i].dims)}`);
    }
    return { value: values[i], labels };
  });
  let result = terms[0];
  for (let next = 1; next < terms.length; next++) {
    const later =
      wanted +
      terms
        .slice(next + 1)
        .map(({ labels }) => labels)
        .join('');
    result = multiplied(result, terms[next], later);
  }
  return arranged(summed(result, wanted), wanted);
}

/** Letters nobody asks for later are summed over. */
function summed({ value, labels }: Term, later: string): Term {
  const axes = [...labels].flatMap((letter, axis) => (later.includes(letter) ? [] : [axis]));
  if (axes.length === 0) return { value, labels };
  return { value: sumOver(value, axes), labels: [...labels].filter((letter) => later.includes(letter)).join('') };
}
function arranged({ value, labels }: Term, order: string): Value {
  const perm = [...order].map((letter) => labels.indexOf(letter));
  if (perm.includes(-1)) throw new Error(`the letters ${order} are not all among ${labels}`);
  return perm.every((axis, i) => axis === i) ? value : transpose(value, perm);
}

function multiplied(a: Term, b: Term, later: string): Term {
  const left = summed(a, later + b.labels);
  const right = summed(b, later + a.labels);
  const both = [...left.labels].filter((letter) => right.labels.includes(letter));
  const sides = new Map([...left.labels].map((letter, axis) => [letter, left.value.dims[axis]]));
  for (const [axis, letter] of [...right.labels].entries()) {
    const side = right.value.dims[axis];
    if ((sides.get(letter) ?? side) !== side) throw new Error(`the letter ${letter} stands for ${sides.get(letter)} and ${side}`);
    sides.set(letter, side);
  }
  const batch = both.filter((letter) => later.includes(letter)).join('');
  const inner = both.filter((letter) => !later.includes(letter)).join('');
  const rows = [...left.labels].filter((letter) => !both.includes(letter)).join('');
  const columns = [...right.labels].filter((letter) => !both.includes(letter)).join('');
  const dims = (labels: string) => [...labels].map((letter) => sides.get(letter) as number);
  const size = (labels: string) => dims(labels).reduce((p, side) => p * side, 1);
  const matrix = (term: Term, first: string, second: string) =>
    reshape(arranged(term, batch + first + second), [...dims(batch), size(first), size(second)]);
  const y = matmul(matrix(left, rows, inner), matrix(right, inner, columns));
  return { value: reshape(y, dims(batch + rows + columns)), labels: batch + rows + columns };
}
