/** How a message looks: elements are built from parsed entities, never from markup in a text. */

const TAGS = { bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", blockquote: "blockquote" };

const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);

export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "class") made.className = value;
    else if (name.includes("-")) made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children);
  return made;
}

export function clockTime(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

/** `actions` has say(text), tap(message, button), startEdit(message) and quoted(id). */
export function messageElement(message, actions) {
  const bubble = element("div", { class: "bubble", dir: "auto" });
  const original = message.reply_to && actions.quoted(message.reply_to);
  if (original) bubble.append(element("span", { class: "quoted" }, original.text || original.file?.name || ""));
  if (message.file) bubble.append(fileElement(message.file));
  if (message.text) {
    const words = element("div", { class: "words" });
    appendFormatted(words, message.text, 0, message.text.length, message.entities, actions);
    bubble.append(words);
  }
  bubble.append(metaElement(message, actions));
  const item = element("li", {
    class: "message",
    "data-testid": "message",
    "data-from": message.from,
    "data-message-id": String(message.message_id),
  }, bubble);
  if (message.keyboard.length) item.append(keyboardElement(message, actions));
  return item;
}

function metaElement(message, actions) {
  const meta = element("div", { class: "meta" });
  if (message.reactions.length) meta.append(element("span", { class: "reactions" }, message.reactions.join(" ")));
  if (message.from === "person" && message.text && !message.file) {
    meta.append(element("button", { type: "button", onclick: () => actions.startEdit(message) }, "Edit"));
  }
  if (message.edited) meta.append("edited");
  meta.append(element("time", { dateTime: new Date(message.date * 1000).toISOString() }, clockTime(message.date)));
  return meta;
}

function keyboardElement(message, actions) {
  const rows = message.keyboard.map((row) => element("div", { class: "keyboard-row" },
    ...row.map((button) => buttonElement(message, button, actions))));
  return element("div", { class: "keyboard", role: "group", "aria-label": "Buttons of this message" }, ...rows);
}

function buttonElement(message, button, actions) {
  const properties = { class: "keyboard-button", "data-testid": "keyboard-button", dir: "auto" };
  if (button.style) properties["data-style"] = button.style;
  const address = button.url || button.web_app?.url;
  if (address) return linkElement(address, properties, `${button.text} ↗`);
  const made = element("button", { ...properties, type: "button" }, button.text);
  made.onclick = button.copy_text
    ? () => navigator.clipboard.writeText(button.copy_text.text).then(() => actions.toast("Copied"))
    : () => actions.tap(message, button, made);
  return made;
}

function linkElement(url, properties, ...children) {
  if (!/^(https?|mailto|tel):/i.test(url)) return element("span", properties, ...children);
  return element("a", { ...properties, href: url, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

function fileElement(file) {
  if (file.kind === "photo") {
    const picture = element("img", { src: file.url, alt: "Photo", width: file.width, height: file.height });
    return element("a", { class: "photo", href: file.url, target: "_blank", rel: "noopener" }, picture);
  }
  if (file.kind === "voice") {
    return element("audio", { controls: true, preload: "metadata", src: file.url, "aria-label": `Voice note, ${file.duration} seconds` });
  }
  const extension = file.name.includes(".") ? file.name.split(".").pop().slice(0, 4) : "file";
  return element("a", { class: "document", href: file.url, download: file.name },
    element("span", { class: "kind", "aria-hidden": "true" }, extension),
    element("span", {}, element("strong", {}, file.name), element("small", {}, fileSize(file.size))));
}

function fileSize(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

/** Entities are sorted and nested; their offsets are UTF-16 units, as are those of JavaScript's strings. */
function appendFormatted(parent, text, start, end, entities, actions) {
  let position = start;
  let rest = entities;
  while (rest.length) {
    const entity = rest[0];
    const stop = Math.min(entity.offset + entity.length, end);
    const inside = rest.slice(1).filter((other) => other.offset < stop);
    rest = rest.slice(1).filter((other) => other.offset >= stop);
    parent.append(text.slice(position, entity.offset));
    const { outer, inner } = entityElement(entity, text.slice(entity.offset, stop), actions);
    appendFormatted(inner, text, entity.offset, stop, inside, actions);
    parent.append(outer);
    // A block begins and ends lines by itself; the line break after it would show as an empty line.
    position = BLOCKS.has(entity.type) && text[stop] === "\n" ? stop + 1 : stop;
  }
  parent.append(text.slice(position, end));
}

/** The element of an entity, and the one inside it that takes its text. */
function entityElement(entity, text, actions) {
  const both = (made) => ({ outer: made, inner: made });
  if (TAGS[entity.type]) return both(element(TAGS[entity.type]));
  switch (entity.type) {
    case "pre": {
      const code = element("code", entity.language ? { "data-language": entity.language } : {});
      return { outer: element("pre", { tabIndex: 0 }, code), inner: code };
    }
    case "expandable_blockquote": return expandable();
    case "spoiler": return both(spoiler());
    case "text_link": return both(linkElement(entity.url, {}));
    case "url": return both(linkElement(text, {}));
    case "email": return both(linkElement(`mailto:${text}`, {}));
    case "bot_command": return both(element("button", { type: "button", class: "command", onclick: () => actions.say(text) }));
    default: return both(element("span"));
  }
}

function expandable() {
  const inner = element("div", { class: "folding" });
  const unfold = element("button", { type: "button", class: "unfold", "aria-expanded": "false" }, "Show more");
  const outer = element("blockquote", { class: "expandable folded" }, inner, unfold);
  unfold.onclick = () => {
    const folded = outer.classList.toggle("folded");
    unfold.textContent = folded ? "Show more" : "Show less";
    unfold.setAttribute("aria-expanded", String(!folded));
  };
  // A quotation short enough to be shown whole has nothing to unfold.
  requestAnimationFrame(() => { unfold.hidden = inner.scrollHeight <= inner.clientHeight + 1; });
  return { outer, inner };
}

function spoiler() {
  const made = element("span", { class: "spoiler", role: "button", tabIndex: 0, "aria-expanded": "false", "aria-label": "Hidden text" });
  const reveal = () => {
    made.setAttribute("aria-expanded", "true");
    made.removeAttribute("aria-label");
  };
  made.onclick = reveal;
  made.onkeydown = (event) => { if (event.key === "Enter") reveal(); };
  return made;
}
