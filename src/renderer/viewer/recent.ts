/** Keeps the results used last: a small cache for pictures and outlines of slices. */
export class Recent<Value> {
  private readonly entries = new Map<string, Value>();
  constructor(private readonly most: number) {}

  /** The kept value, or the one made now. A result that should not be kept (voxels still arriving) says so through `mayKeep`. */
  get(key: string, make: () => Value, mayKeep = true): Value {
    const known = this.entries.get(key);
    if (known !== undefined) {
      this.entries.delete(key);
      this.entries.set(key, known);
      return known;
    }
    const made = make();
    if (!mayKeep) return made;
    this.entries.set(key, made);
    if (this.entries.size > this.most) this.entries.delete(this.entries.keys().next().value as string);
    return made;
  }

  forget(key: string): void {
    this.entries.delete(key);
  }

  clear(): void {
    this.entries.clear();
  }
}
