/** The chat page: who is here, what is said, and what a person can do about it. */

import { Refusal, loop, request } from "./feed.js";
import { followMails, mailsAreShown } from "./mails.js";
import { clockTime, element, messageElement } from "./messages.js";
import { voiceRecorder } from "./recorder.js";

const $ = (id) => document.getElementById(id);
const NAMES = ["Alex", "Sam", "Noor", "Mia", "Kofi", "Lena", "Ravi", "Yuki", "Omar", "Zoe"];
const ACTIONS = {
  typing: "typing…", upload_document: "sending a file…", upload_photo: "sending a photo…",
  record_voice: "recording a voice note…", upload_voice: "sending a voice note…",
};
const ACTION_SECONDS = 5;
const TAP_SECONDS = 15;

const state = { run: null, chats: new Map(), open: null, messages: new Map(), seen: new Map(), editing: null };
let stopMessages = () => {};

// What the browser remembers: the playground forgets everybody when it restarts.

function remembered() {
  try {
    return JSON.parse(localStorage.getItem("people")) ?? [];
  } catch {
    return [];
  }
}

function remember() {
  const people = [...state.chats.values()].map(({ id, first_name, last_name, username, language_code }) =>
    ({ id, first_name, last_name, username, language_code }));
  localStorage.setItem("people", JSON.stringify(people.slice(-50)));
  if (state.open) localStorage.setItem("open", String(state.open));
}

// Chats

async function enter() {
  let { run_id, chats } = await request("/chats");
  if (run_id !== state.run) followMails();
  state.run = run_id;
  const here = new Set(chats.map((chat) => chat.id));
  for (const person of remembered()) {
    if (!here.has(person.id)) chats.push(await request("/chats", { body: person }));
  }
  if (!chats.length) chats = [await request("/chats", { body: { first_name: NAMES[0], language_code: browserLanguage() } })];
  state.chats = new Map(chats.map((chat) => [chat.id, chat]));
  const last = Number(localStorage.getItem("open"));
  openChat(state.chats.has(last) ? last : chats[0].id);
}

function browserLanguage() {
  const code = (navigator.language ?? "en").slice(0, 2);
  return [...$("new-person").elements.language_code.options].some((option) => option.value === code) ? code : "en";
}

async function refreshChats() {
  const { run_id, chats } = await request("/chats");
  if (run_id !== state.run) return enter();
  state.chats = new Map(chats.map((chat) => [chat.id, chat]));
  showChats();
}

function showChats() {
  const items = [...state.chats.values()].map((chat) => {
    const last = chat.last_message;
    const button = element("button", { type: "button", class: "chat", onclick: () => { openChat(chat.id); show("chat"); } },
      avatar(chat),
      element("strong", { dir: "auto" }, [chat.first_name, chat.last_name].filter(Boolean).join(" ")),
      element("time", {}, last ? clockTime(last.date) : ""),
      element("span", { class: "preview", dir: "auto" }, preview(last, chat)));
    if (chat.id === state.open) button.setAttribute("aria-current", "true");
    if (chat.id !== state.open && last?.from === "bot" && chat.seq > (state.seen.get(chat.id) ?? 0)) button.classList.add("unread");
    return element("li", {}, button);
  });
  const focused = [...$("chat-list").children].findIndex((item) => item.contains(document.activeElement));
  $("chat-list").replaceChildren(...items);
  items[focused]?.firstChild.focus();
}

function avatar(chat) {
  const made = element("span", { class: "avatar", "aria-hidden": "true" }, [...chat.first_name][0].toUpperCase());
  made.style.setProperty("--hue", String(chat.id % 360));
  return made;
}

function preview(last, chat) {
  if (!last) return `${chat.language_code} · not started`;
  const words = last.text.split("\n")[0] || last.file?.name || last.file?.kind || "";
  return last.from === "person" ? `You: ${words}` : words;
}

function openChat(id) {
  stopMessages();
  state.open = id;
  state.messages = new Map();
  stopEditing();
  setStatus("");
  $("toast").hidden = true;
  $("messages").replaceChildren();
  $("messages").setAttribute("aria-busy", "true");
  remember();
  showChats();
  let after = 0;
  let first = true;
  stopMessages = loop(async (signal) => {
    const news = await request(`/chats/${id}/messages?after=${after}&wait=${first ? 0 : 25}`, { signal });
    if (news.run_id !== state.run) return enter();
    const changed = first || news.seq !== after;
    after = news.seq;
    state.seen.set(id, after);
    if (news.reset) showAll(news.messages);
    else news.changes.forEach(applyChange);
    state.chats.set(id, news.chat);
    showComposer(news);
    if (first) await showMenu(id);
    if (changed) showChats();
    first = false;
  }, onLost, onBack);
}

function onLost(error) {
  if (error instanceof Refusal && error.status === 404) {
    retryEntering();
    return;
  }
  $("banner").textContent = "The playground does not answer. Waiting for it…";
  $("banner").hidden = false;
}

function onBack() {
  $("banner").hidden = true;
}

async function retryEntering() {
  try {
    await enter();
    onBack();
  } catch (error) {
    onLost(new Error(String(error)));
    setTimeout(retryEntering, 1000);
  }
}

// Messages

const actions = {
  say, toast, startEdit,
  tap: async (message, button, pressed) => {
    pressed.setAttribute("aria-busy", "true");
    setTimeout(() => pressed.removeAttribute("aria-busy"), TAP_SECONDS * 1000);
    await act(() => request(`/chats/${state.open}/tap`, { body: { message_id: message.message_id, callback_data: button.callback_data } }));
  },
  quoted: (id) => state.messages.get(id)?.message,
};

function showAll(messages) {
  state.messages = new Map();
  $("messages").replaceChildren();
  messages.forEach(showMessage);
  $("messages").removeAttribute("aria-busy");
  toEnd();
}

function showMessage(message) {
  const known = state.messages.get(message.message_id);
  const atEnd = isAtEnd();
  const shown = messageElement(message, actions);
  if (known) known.shown.replaceWith(shown);
  else $("messages").append(shown);
  state.messages.set(message.message_id, { message, shown });
  shown.querySelectorAll("img").forEach((image) => { image.onload = () => { if (atEnd) toEnd(); }; });
  if (atEnd || (!known && message.from === "person")) toEnd();
  else if (!known) $("jump").hidden = false;
}

function applyChange(change) {
  switch (change.kind) {
    case "message":
    case "edit":
    case "reaction":
      showMessage(change.message);
      if (change.message.from === "bot") setStatus("");
      break;
    case "deletion":
      state.messages.get(change.message_id)?.shown.remove();
      state.messages.delete(change.message_id);
      break;
    case "action":
      setStatus(ACTIONS[change.text] ?? "working…");
      break;
    case "answer":
      state.messages.get(change.message_id)?.shown.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
      if (change.text && change.alert) alertText(change.text);
      else if (change.text) toast(change.text);
      break;
  }
}

let statusTimer = 0;
function setStatus(text) {
  clearTimeout(statusTimer);
  $("status").textContent = text || "bot";
  $("status").classList.toggle("active", Boolean(text));
  if (text) statusTimer = setTimeout(() => setStatus(""), ACTION_SECONDS * 1000);
}

const isAtEnd = () => $("scroll").scrollHeight - $("scroll").scrollTop - $("scroll").clientHeight < 80;
function toEnd() {
  $("scroll").scrollTop = $("scroll").scrollHeight;
  $("jump").hidden = true;
}

function toast(text) {
  $("toast").textContent = text;
  $("toast").hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { $("toast").hidden = true; }, 4000);
}

function alertText(text) {
  $("alert-text").textContent = text;
  if (!$("alert").open) $("alert").showModal();
}

// Acting

/** What the playground refuses is shown; true if it was done. */
async function act(doing) {
  try {
    await doing();
    return true;
  } catch (error) {
    toast(error instanceof Refusal ? error.message : "The playground does not answer.");
    return false;
  }
}

function say(text) {
  return act(() => request(`/chats/${state.open}/messages`, { body: { text } }));
}

async function send() {
  const text = $("text").value;
  if (!text.trim()) return;
  $("text").value = "";
  const editing = state.editing;
  stopEditing();
  const done = editing
    ? await act(() => request(`/chats/${state.open}/edit`, { body: { message_id: editing, text } }))
    : await say(text);
  if (!done) $("text").value = text;
}

async function sendFile(file, kind, duration = 0) {
  const form = new FormData();
  form.append(kind, file, file.name ?? "voice.oga");
  form.append("caption", $("text").value);
  form.append("duration", String(duration));
  if (await act(() => request(`/chats/${state.open}/files`, { body: form }))) $("text").value = "";
}

function kindOf(file) {
  if (["image/png", "image/jpeg", "image/webp"].includes(file.type)) return "photo";
  return ["audio/ogg", "audio/webm"].includes(file.type) || file.name.endsWith(".oga") ? "voice" : "document";
}

function startEdit(message) {
  state.editing = message.message_id;
  $("editing").hidden = false;
  $("text").value = message.text;
  $("text").focus();
}

function stopEditing() {
  if (state.editing) $("text").value = "";
  state.editing = null;
  $("editing").hidden = true;
}

function shareLocation() {
  const typed = window.prompt("Latitude, longitude", "40.42, -3.70");
  const [latitude, longitude] = (typed ?? "").split(",").map(Number.parseFloat);
  if (typed) act(() => request(`/chats/${state.open}/location`, { body: { latitude, longitude } }));
}

function showComposer({ chat, reply_keyboard, location_buttons }) {
  const begun = chat.started || state.messages.size > 0;
  $("welcome").hidden = begun;
  $("composer").hidden = !begun;
  $("block").textContent = chat.blocked ? "Unblock" : "Block";
  $("block").hidden = !chat.started;
  $("text").placeholder = chat.blocked ? "Blocked; writing unblocks the bot" : "Message";
  $("reply-keyboard").hidden = !reply_keyboard.length;
  $("reply-keyboard").replaceChildren(...reply_keyboard.map((row) => element("div", { class: "keyboard-row" },
    ...row.map((text) => element("button", { type: "button", class: "keyboard-button", 
      onclick: () => location_buttons.includes(text) ? shareLocation() : say(text) }, text)))));
}

async function showMenu(id) {
  const { commands, description, bot } = await request(`/chats/${id}/menu`);
  $("bot-name").textContent = bot.first_name;
  $("bot-avatar").textContent = [...bot.first_name][0];
  $("description").textContent = description || `This is a local Telegram. Start to chat with ${bot.first_name}.`;
  $("menu").hidden = !commands.length;
  $("commands").replaceChildren(...commands.map(({ command, description }) => element("li", {},
    element("button", { type: "button", onclick: () => { openMenu(false); say(`/${command}`); $("text").focus(); } },
      element("strong", {}, `/${command}`), element("span", { dir: "auto" }, description)))));
}

function openMenu(open) {
  $("commands").hidden = !open;
  $("menu").setAttribute("aria-expanded", String(open));
}

// The page

function show(view) {
  $("app").dataset.view = view;
  mailsAreShown(view === "mails");
}

const recorder = voiceRecorder({
  onTime: (seconds) => {
    $("record").setAttribute("aria-pressed", String(seconds !== null));
    $("record").setAttribute("aria-label", seconds === null ? "Record a voice note" : "Stop and send the voice note");
    $("record-time").textContent = seconds === null ? "" : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  },
  onVoice: (blob, seconds) => sendFile(blob, "voice", seconds),
  onRefused: toast,
});

$("composer").onsubmit = (event) => { event.preventDefault(); send(); };
$("text").onkeydown = (event) => {
  const sends = event.key === "Enter" && !event.shiftKey && !event.isComposing && !matchMedia("(pointer: coarse)").matches;
  if (sends) {
    event.preventDefault();
    send();
  } else if (event.key === "Escape") {
    stopEditing();
    openMenu(false);
  }
};
$("text").onpaste = (event) => {
  const [file] = event.clipboardData.files;
  if (!file) return;
  event.preventDefault();
  sendFile(file, kindOf(file));
};
$("attach").onchange = async () => {
  for (const file of $("attach").files) await sendFile(file, kindOf(file));
  $("attach").value = "";
};
$("start").onclick = async () => { if (await say("/start")) $("text").focus(); };
$("menu").onclick = () => openMenu($("commands").hidden);
$("record").onclick = () => recorder.toggle();
$("cancel-edit").onclick = stopEditing;
$("jump").onclick = toEnd;
$("scroll").onscroll = () => { if (isAtEnd()) $("jump").hidden = true; };
$("show-people").onclick = () => show("people");
$("show-mails").onclick = () => show($("app").dataset.view === "mails" ? "chat" : "mails");
$("hide-mails").onclick = () => show("chat");
$("block").onclick = () => {
  const verb = state.chats.get(state.open).blocked ? "unblock" : "block";
  act(() => request(`/chats/${state.open}/${verb}`, { method: "POST" }));
};
$("new-person").onsubmit = async (event) => {
  event.preventDefault();
  const { first_name, language_code } = event.target.elements;
  const body = { first_name: first_name.value.trim() || NAMES[state.chats.size % NAMES.length], language_code: language_code.value };
  await act(async () => {
    const chat = await request("/chats", { body });
    state.chats.set(chat.id, chat);
    first_name.value = "";
    openChat(chat.id);
    show("chat");
  });
};

let dragged = 0;
const showDrop = (change) => {
  dragged = change === 0 ? 0 : dragged + change;
  $("drop").hidden = dragged <= 0;
};
$("conversation").ondragenter = () => showDrop(1);
$("conversation").ondragleave = () => showDrop(-1);
$("conversation").ondragover = (event) => event.preventDefault();
$("conversation").ondrop = async (event) => {
  event.preventDefault();
  showDrop(0);
  for (const file of event.dataTransfer.files) await sendFile(file, kindOf(file));
};

setInterval(() => { if (!document.hidden && $("banner").hidden) refreshChats().catch(() => {}); }, 2500);
retryEntering();
