/** What a scan answers to hand and ear: a tone and a shake. Sound needs one earlier touch or key; then it is at once. */
const SOUNDS = {
  read: [[1200, 0.05]],
  ok: [[880, 0.08], [1320, 0.12]],
  risk: [[660, 0.15], [660, 0.15]],
  short: [[220, 0.35]],
};
const SHAKES = { read: 20, ok: 60, risk: [80, 60, 80], short: [200, 80, 200] };

let audio = null;

export function feel(kind) {
  navigator.vibrate?.(SHAKES[kind] ?? 0);
  const Context = globalThis.AudioContext;
  if (!Context) return;
  audio ??= new Context();
  if (audio.state === "suspended") audio.resume();
  let at = audio.currentTime;
  for (const [pitch, length] of SOUNDS[kind] ?? []) {
    const oscillator = new OscillatorNode(audio, { frequency: pitch, type: kind === "short" ? "square" : "sine" });
    const loudness = new GainNode(audio, { gain: 0.15 });
    oscillator.connect(loudness).connect(audio.destination);
    oscillator.start(at);
    oscillator.stop(at + length);
    at += length + 0.03;
  }
}
