// A listening page that is kept on this device, at its owner's wish, and plays without a connection.
(function () {
  "use strict";

  const box = document.getElementById("offline");
  if (!box || !("serviceWorker" in navigator) || !window.caches) return;

  const scope = box.dataset.scope;
  const cacheName = "kindvoice:" + scope;
  const button = box.querySelector("button");
  const said = box.querySelector("[role=status]");

  const registration = () => navigator.serviceWorker.getRegistration(scope);
  async function isKept() {
    const there = await registration();
    return Boolean(there) && new URL(there.scope).pathname === scope && caches.has(cacheName);
  }
  async function forget() {
    await caches.delete(cacheName);
    const there = await registration();
    if (there && new URL(there.scope).pathname === scope) await there.unregister();
  }
  // Of a sound in several formats, the first is what plays.
  function files() {
    const [sound] = document.querySelectorAll("#sound source");
    const parts = [...document.querySelectorAll("link[rel=stylesheet], link[rel=icon], link[rel=manifest], script[src], img.cover")];
    return [location.pathname, ...parts.map((part) => part.href || part.src), sound.src];
  }
  // Only our own worker's address becomes a script.
  function workerUrl() {
    const url = box.dataset.worker;
    if (!window.trustedTypes) return url;
    return trustedTypes.createPolicy("kindvoice", { createScriptURL: (text) => {
      if (text !== url) throw new TypeError("not ours");
      return text;
    } }).createScriptURL(url);
  }
  let worker = null;
  async function keep() {
    const cache = await caches.open(cacheName);
    await cache.addAll(files().map((url) => new Request(url, { cache: "reload" })));
    worker = worker || workerUrl();
    await navigator.serviceWorker.register(worker, { scope });
  }

  function show(kept) {
    button.textContent = kept ? box.dataset.drop : box.dataset.keep;
    button.dataset.kept = kept ? "yes" : "";
    said.textContent = kept ? box.dataset.kept : "";
    box.hidden = false;
  }
  button.addEventListener("click", async () => {
    button.disabled = true;
    const kept = Boolean(button.dataset.kept);
    try {
      if (kept) await forget();
      else await keep();
      show(!kept);
    } catch {
      await forget();
      show(false);
      said.textContent = box.dataset.failed;
    }
    button.disabled = false;
  });

  // What is deleted goes from the device first.
  const deleting = document.querySelector(".delete form");
  let forgotten = false;
  deleting?.addEventListener("submit", async (event) => {
    if (forgotten) return;
    event.preventDefault();
    try { await forget(); } catch { /* the worker finds out when it asks next */ }
    forgotten = true;
    deleting.requestSubmit();
  });

  // One that was kept is kept as it is now: another version may have come.
  isKept().then(async (kept) => {
    if (kept && navigator.onLine && !(await (await caches.open(cacheName)).match(files().at(-1)))) {
      await caches.delete(cacheName);
      await keep();
    }
    show(kept);
  }).catch(() => show(false));
})();
