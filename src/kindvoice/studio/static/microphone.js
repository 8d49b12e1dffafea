// In the audio thread: what the microphone gives, a twentieth of a second at a time, untouched.
class Microphone extends AudioWorkletProcessor {
  constructor() {
    super();
    this.size = Math.round(sampleRate / 20 / 128) * 128;
    this.waiting = new Float32Array(this.size);
    this.filled = 0;
  }

  process(inputs) {
    const channel = inputs[0][0];
    if (!channel) return true;
    this.waiting.set(channel, this.filled);
    this.filled += channel.length;
    if (this.filled >= this.size) {
      this.port.postMessage(this.waiting, [this.waiting.buffer]);
      this.waiting = new Float32Array(this.size);
      this.filled = 0;
    }
    return true;
  }
}
registerProcessor("microphone", Microphone);
