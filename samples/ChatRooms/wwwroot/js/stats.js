import { byId, count, decimal, element, percent, setText } from "./dom.js";
import { Rate, Series } from "./feed.js";
import { Spark } from "./charts.js";

class Card {
  constructor(id, name, tone) {
    const host = byId(id);
    this.host = host;
    this.value = element("span", "stat-value", "–");
    this.of = element("span", "stat-of");
    this.series = new Series();
    host.append(element("span", "stat-name", name), this.value, this.of);
    this.spark = new Spark(host, tone);
  }

  show(value, text, of, top) {
    setText(this.value, text);
    setText(this.of, of);
    this.spark.draw(this.series.push(value), top);
  }
}

const cards = {
  seats: new Card("stat-seats", "Seats taken", "teal"),
  rooms: new Card("stat-rooms", "Active rooms", "blue"),
  waiting: new Card("stat-waiting", "Waiting in line", "amber"),
  messages: new Card("stat-messages", "Messages a second", "violet"),
  hits: new Card("stat-hits", "Sessions from cache", "teal"),
};
const posted = new Rate();
const hit = new Rate();
const asked = new Rate();

export function showStats(snapshot) {
  const { seats, rooms, waiting, cache } = snapshot;
  cards.seats.show(seats.taken, count(seats.taken), `of ${count(seats.cap)}`, seats.cap);
  cards.seats.host.classList.toggle("warm", seats.taken >= seats.cap * 0.8);
  cards.rooms.show(rooms.taken, count(rooms.taken), `of ${count(rooms.cap)}`, rooms.cap);
  cards.rooms.host.classList.toggle("warm", rooms.taken >= rooms.cap * 0.8);
  cards.waiting.show(waiting.taken, count(waiting.taken), `of ${count(waiting.cap)}`);
  const perSecond = posted.next(snapshot.messages, snapshot.at);
  cards.messages.show(perSecond, decimal(perSecond), `${count(snapshot.messages)} in all`);
  const hits = hit.next(cache.l1 + cache.l2 + cache.stale, snapshot.at);
  const all = asked.next(cache.l1 + cache.l2 + cache.stale + cache.miss + cache.bypass, snapshot.at);
  cards.hits.show(all > 0 ? hits / all : 0, percent(hits, all), `${decimal(all)} lookups/s`, 1);
}

export function showAlerts(warnings) {
  const list = byId("alerts");
  const lines = warnings.map(warning => `${warning.what}: ${warning.text}`);
  const wanted = lines.length > 0 ? lines : ["No warnings: all caps are below 80 %."];
  if (list.children.length === wanted.length && wanted.every((line, index) => list.children[index].textContent === line)) return;
  list.replaceChildren(...wanted.map(line => element("li", lines.length > 0 ? "" : "calm", line)));
}
