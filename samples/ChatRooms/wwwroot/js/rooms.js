import { byId, count, element, setText } from "./dom.js";

const tiles = new Map();
let chosen = null;

function tile(name, onChoose) {
  const button = element("button", "room");
  button.type = "button";
  const head = element("span", "room-name");
  const title = element("span", "", name);
  const wait = element("span", "room-wait");
  head.append(title, wait);
  const seats = element("span", "seats");
  for (let index = 0; index < 8; index++) seats.append(element("i"));
  button.append(head, seats);
  button.addEventListener("click", () => onChoose(name));
  return { button, wait, seats };
}

export function markRoom(name) {
  chosen = name;
  for (const [room, { button }] of tiles) {
    button.classList.toggle("mine", room === name);
    button.setAttribute("aria-pressed", String(room === name));
  }
}

export function showRooms(rooms, capacity, onChoose) {
  const host = byId("rooms");
  for (const room of rooms) {
    let view = tiles.get(room.name);
    if (!view) {
      view = tile(room.name, onChoose);
      tiles.set(room.name, view);
      host.append(view.button);
      view.button.classList.toggle("mine", room.name === chosen);
      view.button.setAttribute("aria-pressed", String(room.name === chosen));
    }
    const { button, wait, seats } = view;
    while (seats.children.length < capacity && capacity <= 16) seats.append(element("i"));
    for (let index = 0; index < seats.children.length; index++) seats.children[index].classList.toggle("taken", index < room.seats);
    setText(wait, room.waiting > 0 ? String(room.waiting) : "");
    button.classList.toggle("full", room.seats >= capacity);
    button.classList.toggle("idle", room.seats === 0);
    const label = `${room.name}: ${room.seats} of ${capacity} seats taken, ${room.waiting} waiting. Choose this room`;
    if (button.getAttribute("aria-label") !== label) button.setAttribute("aria-label", label);
  }
}

// Kept by key, so that who stays in line stays in the document and only newcomers slide in.
export function showLine(line, total) {
  const host = byId("line");
  setText(byId("line-count"), total > 0 ? `· ${count(total)} people, the longest waiting first` : "· nobody waits");
  const old = new Map([...host.children].filter(node => node.dataset.key).map(node => [node.dataset.key, node]));
  const wanted = line.map(person => {
    let node = old.get(person.key);
    if (!node) {
      node = element("li");
      node.dataset.key = person.key;
      node.append(element("span", "place"), element("span", "who"), element("span", "where"));
    }
    const [place, who, where] = node.children;
    setText(place, String(person.position));
    setText(who, person.nickname);
    setText(where, person.room);
    return node;
  });
  if (total > line.length) wanted.push(element("li", "rest", `and ${count(total - line.length)} more`));
  const keep = new Set(wanted);
  for (const node of [...host.children]) if (!keep.has(node)) node.remove();
  wanted.forEach((node, index) => {
    if (host.children[index] !== node) host.insertBefore(node, host.children[index] ?? null);
  });
}
