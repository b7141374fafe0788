import { byId, setText } from "./dom.js";

// Operator calls are JSON posts: another site's page cannot send one without a preflight, which this server never grants.
export async function operate(path, body) {
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (answer.ok) return;
    const problem = await answer.json();
    setText(byId("notice"), problem.detail ?? problem.title);
  } catch {
    setText(byId("notice"), "The server does not answer.");
  }
}
