interface Place {
  readonly place: number;
  readonly name: string;
}

/** Names on a ring of hashes: one more or less changes what few others are given. */
export class Models {
  private readonly places: readonly Place[];

  /** @param placeOf where on the ring a name is */
  constructor(
    names: Iterable<string>,
    private readonly placeOf: (name: string) => number,
  ) {
    this.places = Array.from(names, (name) => ({ place: placeOf(name), name })).sort(
      (a, b) => a.place - b.place,
    );
  }

  /** Always the same for a name: the first at its place or after; undefined where there is none. */
  for(name: string): string | undefined {
    const { places } = this;
    const wanted = this.placeOf(name);
    let [low, high] = [0, places.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (places[middle]!.place < wanted) low = middle + 1;
      else high = middle;
    }
    return (places[low] ?? places[0])?.name;
  }
}
