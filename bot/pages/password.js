// The page does all it must without this. Within Telegram it proves who opened it, and closes when done.
(() => {
  "use strict";
  const tell = (type, content) => {
    const event = JSON.stringify(content || {});
    if (window.TelegramWebviewProxy) window.TelegramWebviewProxy.postEvent(type, event);
    else if (window.external && "notify" in window.external)
      window.external.notify(JSON.stringify({ eventType: type, eventData: content || {} }));
    else if (window.parent !== window)
      window.parent.postMessage(JSON.stringify({ eventType: type, eventData: content || {} }), "https://web.telegram.org");
  };
  const opened = new URLSearchParams(location.hash.slice(1)).get("tgWebAppData");
  if (opened) tell("web_app_ready");
  const form = document.querySelector("form");
  if (!form) {
    if (opened && document.body.dataset.page === "taken") setTimeout(() => tell("web_app_close"), 1500);
    return;
  }
  if (opened) form.elements.init_data.value = opened;
  const password = form.elements.password;
  const show = document.getElementById("show");
  show.closest("label").hidden = false;
  show.addEventListener("change", () => { password.type = show.checked ? "text" : "password"; });
  form.addEventListener("submit", () => {
    password.type = "password";
    form.querySelector("button").disabled = true;
  });
})();
