/** Talking to the playground: JSON requests, and loops that wait for what is new. */

export class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export async function request(path, { body, signal, method } = {}) {
  const isForm = body instanceof FormData;
  const response = await fetch(`/playground${path}`, {
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers: body === undefined || isForm ? {} : { "Content-Type": "application/json" },
    body: body === undefined || isForm ? body : JSON.stringify(body),
    signal,
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refusal(response.status, answer.error ?? `Refused (${response.status})`);
  return answer;
}

/** Calls `once(signal)` again and again until stopped; waits a second where the playground is not there. */
export function loop(once, onLost, onBack) {
  const abort = new AbortController();
  (async () => {
    let lost = false;
    while (!abort.signal.aborted) {
      try {
        await once(abort.signal);
        if (lost) onBack();
        lost = false;
      } catch (error) {
        if (abort.signal.aborted) return;
        if (error instanceof Refusal) {
          onLost(error);
          return;
        }
        if (!lost) onLost(error);
        lost = true;
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
    }
  })();
  return () => abort.abort();
}
