// The one clock: which stretch of time the second column shows, in milliseconds since the emulator was started.

export class OneClock {
  constructor() {
    this.length = 30000;
    this.start = 0;
    this.now = 0;
    this.heard = performance.now();
    this.began = 0;
  }

  hear(now) {
    this.now = now;
    this.heard = performance.now();
  }

  present() {
    return this.now + (performance.now() - this.heard);
  }

  get span() {
    return this.length || Math.max(1000, Math.ceil((this.present() - this.began) / 5000) * 5000);
  }

  // Turns its page by half when now reaches the right edge; answers whether it has moved
  turn() {
    const before = this.start;
    const present = this.present();
    if (!this.length) this.start = this.began;
    else if (present > this.start + this.length) this.start = present - this.length / 2;
    else if (present < this.start) this.start = Math.max(0, present - this.length / 2);
    return this.start !== before;
  }

  // Per cent of the column
  at(ms) {
    return ((ms - this.start) / this.span) * 100;
  }
}

export function ticks(span) {
  const step = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 7200].find((one) => span / (one * 1000) <= 8) ?? 21600;
  return step * 1000;
}
