// SPDX-License-Identifier: EUPL-1.2
/** The made sound: two soft notes every few seconds, so that the clerk hears that sound comes; and how loud the clerk is. */

/** Hertz of the notes, seconds between them, and how loud they are at most. */
const NOTES = [392, 493.88] as const;
const EVERY = 4;
const VOLUME = 0.06;
/** What is left of the clerk's loudness from one beat to the next. */
const FADING = 0.85;

/** Sound of a call, both ways. */
export class Sound {
  private readonly audio = new AudioContext();
  private readonly out = this.audio.createMediaStreamDestination();
  private readonly heard = this.audio.createAnalyser();
  private source: MediaStreamAudioSourceNode | null = null;
  private readonly samples = new Float32Array(this.heard.fftSize);
  private next = 0;
  /** How loud the clerk is, from 0 to 1: at once when they begin, and fading. */
  level = 0;

  /** The track that is sent. */
  get track(): MediaStreamTrack | null {
    return this.out.stream.getAudioTracks()[0] ?? null;
  }

  /** Called at every beat: plays what is due, and listens. */
  beat(): void {
    this.heard.getFloatTimeDomainData(this.samples);
    const most = this.samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    this.level = Math.max(Math.min(1, 2 * most), FADING * this.level);
    const now = this.audio.currentTime;
    if (now < this.next) {
      return;
    }
    this.next = now + EVERY;
    NOTES.forEach((hertz, n) => {
      const begin = now + n * 0.5;
      const [tone, gain] = [this.audio.createOscillator(), this.audio.createGain()];
      tone.frequency.value = hertz;
      gain.gain.setValueAtTime(0, begin);
      gain.gain.linearRampToValueAtTime(VOLUME, begin + 0.08);
      gain.gain.exponentialRampToValueAtTime(0.0005, begin + 1.6);
      tone.connect(gain).connect(this.out);
      tone.start(begin);
      tone.stop(begin + 1.7);
    });
  }

  /** Listens to the clerk. */
  hear(clerk: MediaStream | null): void {
    this.source?.disconnect();
    this.source = null;
    if (clerk !== null && clerk.getAudioTracks().length > 0) {
      this.source = this.audio.createMediaStreamSource(clerk);
      this.source.connect(this.heard);
    }
  }

  /** Ends it. */
  close(): void {
    this.hear(null);
    void this.audio.close();
  }
}
