/*
 * A voice that reads, and an ear that writes down: the browser's own, where it has them. Both stay off until somebody asks.
 */

const LANGUAGE = "nl-BE";

/** Whether this browser can read aloud. */
export const canRead = () => "speechSynthesis" in window;

/** Whether this browser can write down what is said. */
export const canHear = () => "SpeechRecognition" in window || "webkitSpeechRecognition" in window;

/** Reads a text aloud, instead of what was being read. A second time the same text: stops. */
export function read(text) {
  const { speechSynthesis } = window;
  const same = speechSynthesis.speaking && reading === text;
  speechSynthesis.cancel();
  reading = same ? "" : text;
  if (same) return;
  const voices = speechSynthesis.getVoices().filter(({ lang }) => lang.replace("_", "-").startsWith("nl"));
  // In pieces: some browsers fall silent in a long text.
  for (const sentence of text.match(/[^.!?\n]+[.!?]*\s*/g) ?? []) {
    const utterance = new SpeechSynthesisUtterance(sentence);
    utterance.lang = LANGUAGE;
    utterance.voice = voices.find(({ lang }) => lang.endsWith("BE")) ?? voices[0] ?? null;
    speechSynthesis.speak(utterance);
  }
}

let reading = "";

/** Stops reading. */
export function hush() {
  if (canRead()) window.speechSynthesis.cancel();
}

/** Listens once. `heard` gets what was understood so far, `ended` an empty text or what went wrong. Gives a way to stop. */
export function listen(heard, ended) {
  const Recognition = window.SpeechRecognition ?? window.webkitSpeechRecognition;
  const ear = new Recognition();
  let fault = "";
  ear.lang = LANGUAGE;
  ear.interimResults = true;
  ear.onresult = ({ results }) => heard(Array.from(results, (result) => result[0].transcript).join(" "));
  ear.onerror = ({ error }) => {
    if (error === "no-speech") fault = "Ik hoorde niets. Probeer het nog eens.";
    else if (error !== "aborted") fault = "Spreken lukt hier niet. Mag deze site je microfoon gebruiken? Typen kan altijd.";
  };
  ear.onend = () => ended(fault);
  ear.start();
  return () => ear.stop();
}
