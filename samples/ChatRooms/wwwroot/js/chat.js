import { byId, element, seconds, setText } from "./dom.js";
import { markRoom } from "./rooms.js";

const join = byId("join");
const waiting = byId("waiting");
const chat = byId("chat");
const messages = byId("messages");
const roomSelect = byId("room");
const state = { session: null, nickname: null, socket: null, room: null, older: null, next: 1, shown: new Set() };

const notice = text => setText(byId("notice"), text);

// Whoever was in the view that goes finds the focus in the one that comes; nobody else's focus moves.
function show(view, first) {
  if (!view.hidden) return;
  const holder = join.parentElement;
  const held = document.activeElement === document.body || holder.contains(document.activeElement);
  for (const one of [join, waiting, chat]) one.hidden = one !== view;
  if (held) byId(first).focus();
}

export function fillRooms(rooms) {
  if (roomSelect.options.length > 0) return;
  for (const room of rooms) roomSelect.append(new Option(room.name, room.name));
}

export function chooseRoom(name) {
  if (state.socket) return;
  roomSelect.value = name;
  markRoom(name);
  byId("nickname").focus();
}

async function problemOf(answer) {
  try {
    const problem = await answer.json();
    return problem.detail ?? problem.title;
  } catch {
    return `The server answered ${answer.status}.`;
  }
}

async function openSession(nickname) {
  if (state.session && state.nickname === nickname) return true;
  const answer = await fetch("api/sessions", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ nickname }),
  });
  if (!answer.ok) {
    notice(await problemOf(answer));
    return false;
  }
  state.session = (await answer.json()).session;
  state.nickname = nickname;
  return true;
}

// What is said while the history is being fetched comes both ways: the id tells.
function line(message, atTop) {
  if (state.shown.has(message.id)) return;
  state.shown.add(message.id);
  const own = message.nickname === state.nickname;
  const item = element("li", own ? "message own" : "message");
  const head = element("div", "message-head");
  const time = element("time", "", new Date(message.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }));
  head.append(element("span", "", message.nickname), time);
  item.append(head, element("div", "", message.text));
  if (atTop) messages.prepend(item);
  else append(item);
}

function append(item) {
  const atEnd = messages.scrollHeight - messages.scrollTop - messages.clientHeight < 60;
  messages.append(item);
  while (messages.children.length > 300) messages.firstElementChild.remove();
  if (atEnd) messages.scrollTop = messages.scrollHeight;
}

async function loadHistory() {
  const cursor = state.older === null ? "" : `&before=${encodeURIComponent(state.older)}`;
  const answer = await fetch(`api/rooms/${encodeURIComponent(state.room)}/messages?limit=50${cursor}`, {
    headers: { authorization: `Bearer ${state.session}` },
  });
  if (!answer.ok) {
    notice(await problemOf(answer));
    return;
  }
  const page = await answer.json();
  const first = state.older === null;
  for (const message of page.messages) line(message, true);
  state.older = page.next;
  byId("older").hidden = page.next === null;
  if (first) messages.scrollTop = messages.scrollHeight;
}

const receivers = {
  waiting(frame) {
    show(waiting, "waiting-leave");
    byId("waiting-position").textContent = String(frame.position);
    const wait = frame.estimatedMilliseconds === null ? "" : ` About ${seconds(frame.estimatedMilliseconds)} to go.`;
    const rooms = frame.cap === "ActiveRooms" ? ` As many rooms are open as may be; ${frame.roomsAhead} wait before this one.` : "";
    setText(byId("waiting-text"), `in line for ${frame.room}.${rooms}${wait}`);
  },
  async admitted(frame) {
    state.room = frame.room;
    state.older = null;
    state.shown.clear();
    messages.replaceChildren();
    show(chat, "text");
    setText(byId("chat-title"), frame.room);
    setText(byId("chat-room"), `as ${state.nickname}`);
    await loadHistory();
  },
  refused(frame) {
    notice(frame.text);
    leave();
  },
  message: frame => line(frame, false),
  presence: frame => setText(byId("chat-room"), `as ${state.nickname} · ${frame.seats} here`),
  ack: () => notice(""),
  limited(frame) {
    append(element("li", "message note", `Too fast: not sent. Try again in ${seconds(frame.retryAfterMilliseconds)}.`));
  },
  error: frame => notice(frame.text),
};

function leave() {
  state.socket?.close(1000);
}

function connect(room) {
  const url = new URL("ws", document.baseURI);
  url.protocol = url.protocol.replace("http", "ws");
  const socket = new WebSocket(url);
  state.socket = socket;
  socket.addEventListener("open", () => socket.send(JSON.stringify({ type: "join", session: state.session, room })));
  socket.addEventListener("message", event => {
    const frame = JSON.parse(event.data);
    receivers[frame.type]?.(frame);
  });
  socket.addEventListener("close", event => {
    state.socket = null;
    state.room = null;
    if (event.code !== 1000 && event.code !== 1005 && byId("notice").textContent === "") notice("The connection ended. You can join again.");
    setText(byId("chat-title"), "Join in");
    setText(byId("chat-room"), "");
    show(join, "nickname");
  });
}

join.addEventListener("submit", async event => {
  event.preventDefault();
  notice("");
  const nickname = byId("nickname").value.trim();
  const room = roomSelect.value;
  try {
    if (!(await openSession(nickname))) return;
  } catch {
    notice("The server does not answer.");
    return;
  }
  markRoom(room);
  connect(room);
});

byId("post").addEventListener("submit", event => {
  event.preventDefault();
  const input = byId("text");
  const text = input.value.trim();
  if (text === "" || state.socket?.readyState !== WebSocket.OPEN) return;
  state.socket.send(JSON.stringify({ type: "post", ref: `${state.next++}`, text }));
  input.value = "";
});

roomSelect.addEventListener("change", () => markRoom(roomSelect.value));
byId("older").addEventListener("click", loadHistory);
byId("leave").addEventListener("click", leave);
byId("waiting-leave").addEventListener("click", leave);
