/** Voice notes from the microphone. */

const LONGEST_SECONDS = 300;

/** `onTime(seconds)` while recording, null after; `onVoice(blob, seconds)` at its end. */
export function voiceRecorder({ onTime, onVoice, onRefused }) {
  let recording = null;

  async function start() {
    if (!navigator.mediaDevices || !window.MediaRecorder) {
      onRefused("This browser cannot record here; attach an Ogg voice file instead.");
      return;
    }
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch {
      onRefused("The microphone is not available; attach an Ogg voice file instead.");
      return;
    }
    const mimeType = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus"].find((type) => MediaRecorder.isTypeSupported(type));
    const recorder = new MediaRecorder(stream, mimeType ? { mimeType } : {});
    const pieces = [];
    const began = Date.now();
    const elapsed = () => Math.round((Date.now() - began) / 1000);
    const ticking = setInterval(() => {
      onTime(elapsed());
      if (elapsed() >= LONGEST_SECONDS) recorder.stop();
    }, 250);
    recorder.ondataavailable = (event) => pieces.push(event.data);
    recorder.onstop = () => {
      clearInterval(ticking);
      stream.getTracks().forEach((track) => track.stop());
      recording = null;
      onTime(null);
      onVoice(new Blob(pieces, { type: recorder.mimeType }), Math.max(1, elapsed()));
    };
    recorder.start();
    recording = recorder;
    onTime(0);
  }

  return { toggle: () => (recording ? recording.stop() : start()) };
}
