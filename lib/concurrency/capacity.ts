interface Waiting {
  readonly weight: number;
  readonly begin: () => void;
}

/** Lets work begin as long as the weights of all that runs stay within a limit; first come, first served. */
export class Capacity {
  readonly #limit: number;
  readonly #waiting: Waiting[] = [];
  #taken = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Waits until there is room; what is heavier than the limit has it when nothing else runs. */
  async take(weight: number): Promise<void> {
    if (this.#waiting.length === 0 && this.#hasRoomFor(weight)) this.#taken += weight;
    else await new Promise<void>((begin) => this.#waiting.push({ weight, begin }));
  }

  free(weight: number): void {
    this.#taken -= weight;
    for (
      let next = this.#waiting[0];
      next !== undefined && this.#hasRoomFor(next.weight);
      next = this.#waiting[0]
    ) {
      this.#waiting.shift();
      this.#taken += next.weight;
      next.begin();
    }
  }

  #hasRoomFor(weight: number): boolean {
    return this.#taken === 0 || this.#taken + weight <= this.#limit;
  }
}
