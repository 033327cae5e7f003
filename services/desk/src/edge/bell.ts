// SPDX-License-Identifier: EUPL-1.2
/** The ring: two soft tones, made here, so that nothing has to be loaded while somebody calls. */

/** Tones of a ring in Hertz, and the time between rings in seconds. */
const TONES = [659.25, 523.25] as const;
const PERIOD = 2.4;
const VOLUME = 0.18;

/** A bell that can be rung and stopped. */
export class Bell {
  private audio: AudioContext | null = null;
  private timer: number | null = null;

  /** Rings until [`stop`]. A page that nobody has touched yet may make no sound: then it is seen only. */
  start(): void {
    this.stop();
    this.audio = new AudioContext();
    this.strike();
    this.timer = window.setInterval(() => this.strike(), PERIOD * 1000);
  }

  /** Stops. */
  stop(): void {
    if (this.timer !== null) {
      window.clearInterval(this.timer);
      this.timer = null;
    }
    void this.audio?.close();
    this.audio = null;
  }

  private strike(): void {
    const audio = this.audio;
    if (audio === null) {
      return;
    }
    TONES.forEach((hertz, n) => {
      const begin = audio.currentTime + n * 0.35;
      const tone = audio.createOscillator();
      const gain = audio.createGain();
      tone.frequency.value = hertz;
      gain.gain.setValueAtTime(0, begin);
      gain.gain.linearRampToValueAtTime(VOLUME, begin + 0.03);
      gain.gain.exponentialRampToValueAtTime(0.001, begin + 0.9);
      tone.connect(gain).connect(audio.destination);
      tone.start(begin);
      tone.stop(begin + 1);
    });
  }
}
