// One server-sent event a second. EventSource reconnects by itself; the page only says whether it is connected.
export function listen(onSnapshot, onState) {
  const source = new EventSource("api/dashboard");
  source.addEventListener("open", () => onState(true));
  source.addEventListener("error", () => onState(false));
  source.addEventListener("snapshot", event => onSnapshot(JSON.parse(event.data)));
}

// Counters only grow: what is drawn is their growth per second.
export class Rate {
  #last = null;
  #at = 0;

  next(total, at) {
    const before = this.#last;
    const elapsed = (at - this.#at) / 1000;
    this.#last = total;
    this.#at = at;
    return before === null || elapsed <= 0 || total < before ? 0 : (total - before) / elapsed;
  }
}

export class Series {
  constructor(length = 60) {
    this.length = length;
    this.values = [];
  }

  push(value) {
    this.values.push(value);
    if (this.values.length > this.length) this.values.shift();
    return this;
  }

  get sum() {
    return this.values.reduce((total, value) => total + value, 0);
  }
}
